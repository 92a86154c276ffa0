"""The command of a worker, and a worker with the real stages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from integrations.rag_trainer.child import WORKER
from integrations.rag_trainer.guard import Guard
from integrations.rag_trainer.worker import make_trainer
from tests.architecture.tree import ROOT
from tests.live import until
from tests.rag_jobs import options_in, placed

TEXT = "# Concreting\n\nConcrete is laid in layers of 300 mm. Each layer is compacted before the next one is laid.\n"

SEGFAULT = """
import ctypes
from dataclasses import replace
from integrations.rag_trainer import worker
from integrations.rag_trainer.lock import Locked
from integrations.rag_trainer.working import work

whole = worker.assemble

class Broken:
    def __init__(self, stage):
        self.stage, self.name, self.result = stage, stage.name, stage.result

    def run(self, draft):
        if draft.source.name == "b.md":
            ctypes.string_at(0)
        return self.stage.run(draft)

def assemble(options):
    assembly = whole(options)
    stages = list(assembly.stages)
    stages[4] = Broken(stages[4])
    return replace(assembly, stages=stages)

worker.assemble = assemble
work(worker.make_trainer, busy=(Locked,))
"""
"""The real worker with a fifth stage that reads where no memory is, for one document."""


def write(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        (folder / f"{name}.md").write_text(f"{TEXT}\nThis is document {name}.\n")
    return folder


def test_it_ends_when_there_is_nobody() -> None:
    """Without an order there is nothing to do; nothing is printed that is no message."""
    assert (sys.executable, "-P", "-m", "integrations.rag_trainer.worker") == WORKER
    done = subprocess.run(
        WORKER,
        cwd="/",
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b""), done.stderr


def test_its_trainer_has_the_guard_before_every_stage(tmp_path: Path) -> None:
    """And is else the trainer that anybody can make."""
    documents = write(tmp_path / "documents", "a", "b")
    told: list[str] = []
    guard = Guard({"b.md": ("crash", "it died twice")}, told.append)
    with make_trainer(options_in(tmp_path, str(documents)), guard) as trainer:
        report = trainer.train()
    assert told == ["a.md"] * 14
    assert [(file.outcome, file.reason, file.text, file.stage) for file in report.files] == [
        ("trained", None, None, None),
        ("failed", "crash", "it died twice", 1),
    ]


async def test_a_document_that_crashes_a_library_fails_alone(tmp_path: Path) -> None:
    """A real SIGSEGV in a real worker: the job goes on from its journal, and says which document it was, and where."""
    write(tmp_path / "documents", "a", "b", "c")
    async with placed(tmp_path, command=(sys.executable, "-P", "-c", SEGFAULT)) as place:
        job = await place.submit()
        await until(lambda: job.record.is_over, timeout=60)
        files = await place.trainings.files(job, 0, 10)
    assert (job.record.state, job.record.trained, job.record.failed) == ("completed", 2, 1)
    assert [(file["name"], file["state"], file["stage"]) for file in files] == [
        ("a.md", "trained", 14),
        ("b.md", "failed", 5),
        ("c.md", "trained", 14),
    ]
    assert files[1]["reason"] == "crash"
    assert "by signal SIGSEGV" in files[1]["text"]
