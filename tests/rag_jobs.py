"""Jobs of the RAG trainer for tests: a folder of documents, and a queue on workers with a double of the trainer."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from channels.messages.training import StageUpdate
from integrations.rag_trainer.child import start
from integrations.rag_trainer.jobs.job import Job
from integrations.rag_trainer.jobs.queue import Trainings, Wish
from integrations.rag_trainer.jobs.run import JobLimits, Means
from integrations.rag_trainer.jobs.store import JobStore
from integrations.rag_trainer.options import TrainerOptions
from tests.architecture.tree import ROOT

COMMAND = (sys.executable, "-P", str(ROOT / "tests" / "rag_worker.py"))
"""A worker that does what `tests.rag_worker` says."""


def write_documents(folder: Path, **texts: str) -> Path:
    """Write `name.txt` for each; see `tests.rag_worker`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)
    return folder


def options_in(folder: Path, base: str) -> TrainerOptions:
    """Options of a trainer that keeps everything in a folder."""
    return TrainerOptions(
        base_dir=base, library=str(folder / "library"), graph=str(folder / "graph"), journal=str(folder / "journal")
    )


class Place:
    """A queue, and what it sent."""

    def __init__(self, folder: Path, limits: JobLimits, command: tuple[str, ...]) -> None:
        self.folder = folder
        self.sent: list[StageUpdate] = []
        self.store = JobStore(folder)
        means = Means(
            options=lambda record: options_in(folder, record.base),
            start=partial(start, command),
            send=self.sent.append,
            now=time.time,
        )
        self.trainings = Trainings(means, self.store, limits)

    async def submit(self, id: str = "t-1", **fields: Any) -> Job:
        """Have the folder's documents trained."""
        base = str(self.folder / "documents")
        return await self.trainings.submit(Wish(**{"id": id, "folder": base, "base": base, **fields}))

    def of(self, id: str) -> list[StageUpdate]:
        """What was sent of a job."""
        return [update for update in self.sent if update.job_id == id]

    def trained(self) -> list[str]:
        """What the workers have trained, in their order."""
        try:
            return (self.folder / "library").read_text().split()
        except OSError:
            return []


@asynccontextmanager
async def placed(
    folder: Path, limits: JobLimits | None = None, command: tuple[str, ...] = COMMAND, *, afresh: bool = False
) -> AsyncIterator[Place]:
    """Run a queue in a folder."""
    place = Place(folder, limits or JobLimits(), command)
    await place.trainings.start(afresh=afresh)
    try:
        yield place
    finally:
        await place.trainings.stop()
