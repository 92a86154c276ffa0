"""The attempts at a job: a worker that dies is followed by another, which leaves out the document in which it died."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog

from integrations.rag_trainer.jobs.job import Job, Record
from integrations.rag_trainer.jobs.run import JobLimits, Means, Numbers, Run
from integrations.rag_trainer.jobs.store import JobStore

log = structlog.get_logger(__name__)

_TRIES: Final = 2
"""Deaths in one place that end the trying: the first may be anybody's doing, such as a `kill`."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What all attempts at all jobs share."""

    means: Means
    store: JobStore
    limits: JobLimits
    numbers: Numbers
    save: Callable[[Record], Awaitable[None]]


class Attempts:
    """Those at one job. Used on one loop.

    Attributes:
        run: the one under way, or the last one.
    """

    def __init__(self, job: Job, workshop: Workshop) -> None:
        self._job = job
        self._shop = workshop
        self._unkept = False
        self.run = self._next()

    async def follow(self, is_stopping: Callable[[], bool]) -> bool:
        """Try until there is a result, or no sense in it; `False`: it goes on at the next start of the hub."""
        record = self._job.record
        while True:
            await self.run.follow()
            if self.run.death is None or self.run.why is not None or not self._goes_on(self.run):
                return self.run.why != "stopped" or self.run.report is not None
            self._shop.numbers.restarts += 1
            log.warning(
                "the worker of a training died, and is started again",
                training=record.id,
                document=self.run.at or None,
                how=self.run.death,
                left_out=self.run.at in record.poison,
            )
            await self._shop.save(record)
            if is_stopping():
                return False
            if self._is_cancelled():  # meanwhile
                return True
            self.run = self._next()

    def _is_cancelled(self) -> bool:
        return self.run.why is not None

    def _goes_on(self, run: Run) -> bool:
        """Note where it died; tell whether another one may get further."""
        record = self._job.record
        record.deaths += 1
        times = record.crashes[run.at] = record.crashes.get(run.at, 0) + 1
        if record.deaths > self._shop.limits.deaths:
            return False
        if times < _TRIES and not run.too_big:
            return True
        if run.at:
            record.poison[run.at] = _verdict(run)
        return bool(run.at)

    def _next(self) -> Run:
        shop = self._shop
        return Run(self._job, shop.means, shop.limits, shop.numbers, self._keep)

    async def _keep(self, rows: Sequence[dict[str, Any]]) -> None:
        try:
            await asyncio.to_thread(self._shop.store.add_files, self._job.record.id, rows)
        except OSError as error:
            if not self._unkept:  # once: there may be thousands of files
                id = self._job.record.id
                log.error("how a training's files fare can't be kept", training=id, error=str(error))
            self._unkept = True


def _verdict(run: Run) -> tuple[str, str]:
    if run.too_big:
        return "memory", f"the training process was ended: {run.death}; split the document, or raise that option"
    return (
        "crash",
        f"the training process died in it twice, by {run.death}; open it in another program and save it anew, or "
        "leave it out",
    )
