"""The RAG trainer on the hub: takes trainings and questions, and tells how far they are."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog
from prometheus_client.core import Metric

from channels.messages.training import StageUpdate
from channels.push import Push
from hub.adapters.adapter import Surroundings
from hub.adapters.rag_desk import RagDesk
from hub.adapters.rag_metrics import measure
from hub.adapters.rag_options import (
    ask_limits,
    documents_of,
    folder_of,
    job_limits,
    missing_libraries,
    trainer_options,
)
from hub.sections.rag_trainer import RagTrainerOptions
from integrations.rag_trainer.answers import Answer, Question
from integrations.rag_trainer.asking import Asking
from integrations.rag_trainer.child import WORKER, start
from integrations.rag_trainer.jobs.ownership import Ownership
from integrations.rag_trainer.jobs.queue import Busy, Trainings, Wish
from integrations.rag_trainer.jobs.run import Means
from integrations.rag_trainer.jobs.store import JobStore
from integrations.rag_trainer.places import Places

log = structlog.get_logger(__name__)

_TAKE_OVER: Final = 1.0
"""Seconds between two looks whether the process that had the queue is gone."""


class Absent(Exception):
    """The trainer can't work here. The text says what is missing, and what to do."""


class RagTrainer:
    """Takes trainings and questions from HTTP.

    Attributes:
        trainings: the jobs, in the process that has the queue.
        desk: those of all processes.
        asking: asks the library, in a worker of this process.
        places: what may be trained.
        uploading: uploads under way at once are bounded by it.
    """

    name = "rag_trainer"

    def __init__(self, options: RagTrainerOptions, hub: Surroundings, command: Sequence[str] = ()) -> None:
        folder, command = folder_of(options), command or WORKER
        self.push = Push(hub.publish)
        self.options = options
        self.store = JobStore(folder)
        self.places = Places(documents_of(options), map(Path, options.roots))
        self.missing = missing_libraries()
        self.uploading = 0
        means = Means(
            options=lambda record: trainer_options(options, record.base),
            start=partial(start, command),
            send=self._send,
            now=hub.clock.now,
        )
        self.trainings = Trainings(means, self.store, job_limits(options))
        self.desk = RagDesk(self.trainings, hub.peers)
        self.asking = Asking(
            lambda: trainer_options(options, str(self.places.documents)),
            partial(start, command),
            ask_limits(options),
            hub.clock.monotonic,
        )
        self._ownership = Ownership(folder / "queue.lock", hub.node)
        self._taking = asyncio.Lock()
        self._keeping: asyncio.Task[None] | None = None
        self._begun = False
        self._node = hub.node
        self._alone = hub.peers.alone  # then channels are in this process's memory, and their history ended with it

    async def start(self) -> None:
        """Have the queue, if nobody else has, and go on with the jobs in it."""
        if self.missing:
            log.warning("the RAG trainer can't work here", reason=self._absence())
            return
        try:
            await self._make_documents()
            await self._holder()
        except (Absent, OSError) as error:
            log.error("the folder of the RAG trainer can't be used; it is tried again", reason=str(error))
        self._keeping = asyncio.create_task(self._keep(), name="queue of trainings")

    async def stop(self) -> None:
        """End the workers. A job that runs goes on at the next start."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        await asyncio.gather(self.trainings.stop(), self.asking.stop())
        self._ownership.release()

    async def submit(self, folder: str, files: Sequence[str] | None) -> dict[str, Any]:
        """Take a training of a folder, or of files in it; an empty `folder` is that of the documents.

        Raises:
            Absent: libraries are missing, or the documents' folder is and can't be made.
            integrations.rag_trainer.places.Outside: it may not be trained.
            Busy: too many wait.
            OSError: it can't be written down.
        """
        self.require()
        await self._make_documents()
        admitted = await asyncio.to_thread(self.places.admit, folder)
        paths: tuple[str, ...] | None = None
        if files is not None:
            paths = await asyncio.to_thread(self.places.admit_files, admitted, files)
        base = await asyncio.to_thread(self.places.documents.resolve)
        if paths is None and admitted != base:
            paths = (str(admitted),)
        return await self.hand_over(Wish(self.new_id(), str(admitted), str(base), paths))

    async def hand_over(self, wish: Wish) -> dict[str, Any]:
        """Give a job to the process that has the queue.

        Raises:
            Busy: too many wait, or nobody takes it now.
            OSError: it can't be written down.
        """
        return await self.desk.submit(wish, await self._holder())

    async def ask(self, question: Question) -> Answer:
        """Ask the library.

        Raises:
            Absent: libraries are missing.
            integrations.rag_trainer.asking.NoAnswer: there is no answer now.
        """
        self.require()
        return await self.asking.ask(question)

    def require(self) -> None:
        """Check that it can work.

        Raises:
            Absent: libraries are missing.
        """
        if self.missing:
            raise Absent(self._absence())

    async def _make_documents(self) -> None:
        folder = self.places.documents
        try:
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            reason = error.strerror or error
            raise Absent(
                f"the documents' folder {folder} can't be made: {reason}; see rag_trainer.folder and .documents"
            ) from None

    def new_id(self) -> str:
        """Make the id of a job."""
        return f"t-{secrets.token_hex(8)}"

    def collect(self) -> Iterator[Metric]:
        """Measure jobs and questions."""
        yield from measure(self.trainings, self.asking)

    def _absence(self) -> str:
        return f'{", ".join(self.missing)} not installed; `pip install "tocsin[rag]"` brings what the RAG trainer needs'

    def _send(self, update: StageUpdate) -> None:
        self.push(self.options.channel, update.type, update)

    async def _holder(self) -> str:
        """Return who has the queue; this process takes it when nobody has.

        Raises:
            OSError: the folder can't be used.
            Busy: somebody has it, and nobody knows who.
        """
        async with self._taking:
            if await asyncio.to_thread(self._ownership.take):
                if not self._begun:
                    await self.trainings.start(afresh=self._alone)
                    self._begun = True
                return self._node
            holder = await asyncio.to_thread(self._ownership.holder)
        if not holder:
            raise Busy("the queue of trainings is just being opened; try again")
        return holder

    async def _keep(self) -> None:
        while not self._begun:
            await asyncio.sleep(_TAKE_OVER)
            with suppress(OSError, Busy):
                await self._holder()
