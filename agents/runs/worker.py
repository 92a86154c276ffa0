"""What the bus calls with a run's id: begins the run, works on it, and hands on."""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog

from agents.bus.bus import Bus
from agents.runs.claim import Claim, Claims
from agents.runs.ending import Due
from agents.runs.execution import Execution, Means
from agents.runs.owner import Owned
from agents.runs.pen import Lost
from agents.runs.recovery import Recovery
from agents.runs.turns import give_turn
from agents.runs.unbroken import unbroken
from agents.runs.waiting import Waiters
from agents.store.tables import tasks

log = structlog.get_logger(__name__)


class RunWorker:
    """Works on runs in this process. All log lines of a run name its user, session, agent and run."""

    def __init__(self, means: Means, claims: Claims, bus: Bus, waiters: Waiters, recovery: Recovery) -> None:
        self._means = means
        self._claims = claims
        self._bus = bus
        self._waiters = waiters
        self._recovery = recovery
        self._upkeep: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to take runs; what a process that died has left comes first."""
        self._bus.start(self.handle)
        self._upkeep = [
            asyncio.create_task(self._recovery.sweep_on(), name="runs are looked after"),
            asyncio.create_task(self._recovery.keep_leases(), name="leases of runs"),
        ]

    async def stop(self, drain: float) -> None:
        """Take no more runs. Those at work have `drain` seconds; then they end as they are: as `interrupted`, or queued
        again where nothing of the answer was written. What is queued stays so, for another process."""
        for task in self._upkeep[:1]:
            task.cancel()  # the sweep: who stops takes nothing over
        await self._bus.stop(drain)
        for task in self._upkeep:
            task.cancel()
        await asyncio.gather(*self._upkeep, return_exceptions=True)

    async def handle(self, agent_id: UUID, run_id: UUID) -> None:
        """Work on a run until it has ended, or turns out not to be this process's.

        Raises:
            ReplyError: `unavailable`; it is still queued then.
        """
        structlog.contextvars.bind_contextvars(agent_id=str(agent_id), run_id=str(run_id))
        owned = await self._claims.find(run_id)
        if owned is None:
            log.warning("the queue has a run that isn't there")
            return
        structlog.contextvars.bind_contextvars(user=owned.scope.subject, session_id=str(owned.session_id))
        claim, is_cancelled = await unbroken(self._claims.begin(owned))
        if isinstance(claim, Claim):
            await self._work(claim, is_cancelled=is_cancelled)
        elif claim is not None:
            await self._hand_on(owned, claim)

    async def _work(self, claim: Claim, *, is_cancelled: bool) -> None:
        self._means.metrics.waited.note(claim.waited)
        execution = Execution(self._means, claim)
        if is_cancelled:
            execution.cancel()
        log.info("a run begins", model=claim.model)
        try:
            done = await execution.work()
        except Lost:
            await self._tell_of_loss(claim)
            return
        log.info("a run has ended", seconds=round(self._means.now() - execution.began, 3))
        self._waiters.tell(claim.run_id, done.outcome)
        await give_turn(self._bus, done.due)

    @staticmethod
    async def _tell_of_loss(claim: Claim) -> None:
        """A run that goes with its session goes as its owner wished; any other has been taken away."""
        async with claim.scope.begin() as work:
            there = await work.scalar(work.select(tasks, tasks.c.id).where(tasks.c.id == claim.run_id))
        if there is None:
            log.info("a run has ended with its session, which was deleted")
        else:
            log.warning("a run was taken from this process")

    async def _hand_on(self, owned: Owned, due: Due) -> None:
        self._waiters.tell(owned.run_id)
        await give_turn(self._bus, due)
