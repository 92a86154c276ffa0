"""One place among the workers: there is a worker in it, or one is on its way."""

from __future__ import annotations

import asyncio
from asyncio import shield
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from hub.embedded.process import how_it_ended
from hub.embedded.restarts import Restarts
from hub.workers.process import Worker

log = structlog.get_logger(__name__)

Launch = Callable[[int], Awaitable[Worker]]
"""Starts the worker of a slot, by its number."""


class WorkerFailed(Exception):
    """A worker can't start, and a further attempt would end the same. `lines` are its own words."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Slot:
    """Keeps one worker alive until it is retired.

    Args:
        number: of the worker, from 1 on; its successors have the same.
        clock: seconds that only go forward.

    Attributes:
        worker: who is in it.
    """

    def __init__(self, number: int, launch: Launch, clock: Callable[[], float]) -> None:
        self.number = number
        self.worker: Worker | None = None
        self._launch = launch
        self._clock = clock
        self._restarts = Restarts()
        self._changing = asyncio.Lock()
        self._retired = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> dict[str, Any] | None:
        """Start the worker and wait until it listens; return what it says of itself, such as its `url`. It is kept
        alive from then on.

        Returns:
            `None` when the slot was retired before.

        Raises:
            WorkerFailed: it said that it can't.
        """
        while await self._fill():
            began, worker = self._clock(), self.worker
            assert worker is not None
            said = await shield(worker.ready)
            if said is not None:
                self._keeping = asyncio.create_task(self._keep(worker, began), name=f"slot {self.number}")
                return said
            code = await shield(worker.ended)
            if worker.complaints:
                raise WorkerFailed(worker.complaints)
            await self._mourn(worker, code, self._clock() - began)
        return None

    async def _fill(self) -> bool:
        """Start a worker, unless the slot is retired."""
        async with self._changing:
            if not self._retired.is_set():
                self.worker = await self._launch(self.number)
        return not self._retired.is_set()

    async def _keep(self, worker: Worker, began: float) -> None:
        while True:
            code = await shield(worker.ended)
            if self._retired.is_set():
                return
            if self.worker is worker:
                await self._mourn(worker, code, self._clock() - began)
                if not await self._refill():
                    return
            began, worker = self._clock(), self.worker or worker

    async def _refill(self) -> bool:
        """Start a worker as soon as that is possible: a machine may be out of processes or memory for a while."""
        while True:
            try:
                return await self._fill()
            except OSError as error:
                delay = self._restarts.died(0.0)
                log.error("a worker can't be started", worker=self.number, reason=str(error), restart_seconds=delay)
                await self._pause(delay)

    async def _mourn(self, worker: Worker, code: int, lived: float) -> None:
        """Say that a worker died, and wait until the next one may start."""
        if self._retired.is_set():
            return
        delay = self._restarts.died(lived)
        facts: dict[str, object] = {"worker": self.number, "pid": worker.pid, "how": how_it_ended(code)}
        if worker.complaints:
            facts["problems"] = worker.complaints
        log.error("a worker died", **facts, restart_seconds=delay)
        if self._restarts.is_loop:
            log.error("a worker dies again and again", worker=self.number, deaths=self._restarts.count)
        await self._pause(delay)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._retired.wait()
        except TimeoutError:
            pass

    async def replace(self, grace: float, close_timeout: float) -> bool:
        """Start a successor, and let the worker go once that listens. Without one that can, the old one stays."""
        async with self._changing:
            old = self.worker
            if self._retired.is_set() or old is None or old.ended.done():
                return False
            successor = await self._launch(self.number)
            if await shield(successor.ready) is None:
                log.error(
                    "the successor of a worker can't start; the old one stays",
                    worker=self.number,
                    problems=successor.complaints or [how_it_ended(await shield(successor.ended))],
                )
                return False
            self.worker = successor
        await old.retire(grace, close_timeout)
        return True

    async def retire(self, grace: float, close_timeout: float) -> bool:
        """Let the worker go for good; tell whether it ended well. One that is dead at the moment has."""
        self._retired.set()
        async with self._changing:
            worker = self.worker
        well = worker is None or worker.ended.done() or await worker.retire(grace, close_timeout)
        await self.close()
        return well

    async def close(self) -> None:
        """Start no further worker."""
        self._retired.set()
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
