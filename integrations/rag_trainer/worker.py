"""`python -m integrations.rag_trainer.worker`: a process of the hub that trains, or answers questions."""

from __future__ import annotations

from integrations.rag_trainer.lock import Locked
from integrations.rag_trainer.trainer import BldrRAGTrainer
from integrations.rag_trainer.working import work

if __name__ == "__main__":
    work(BldrRAGTrainer.from_options, busy=(Locked,))
