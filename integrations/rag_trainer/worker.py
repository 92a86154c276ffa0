"""`python -m integrations.rag_trainer.worker`: a process of the hub that trains, or answers questions."""

from __future__ import annotations

from dataclasses import replace

from integrations.rag_trainer.assembly import Assembly, assemble
from integrations.rag_trainer.guard import Guard
from integrations.rag_trainer.guarded import guarded
from integrations.rag_trainer.lock import Locked
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.trainer import BldrRAGTrainer
from integrations.rag_trainer.working import work


def make_trainer(options: TrainerOptions, guard: Guard) -> BldrRAGTrainer:
    """Make a trainer whose stages are guarded."""

    def assembled(options: TrainerOptions) -> Assembly:
        assembly = assemble(options)
        return replace(assembly, stages=guarded(assembly.stages, guard))

    return BldrRAGTrainer(options.base_dir, options=options, assembly=assembled)


if __name__ == "__main__":
    work(make_trainer, busy=(Locked,))
