"""Readings that are shared, and repeated when they fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.redis.backoff import Backoff
from channels.redis.readings import Readings
from tests.kit import eventually, rest


class Stage:
    """Readings of a server that answers when it is told to.

    Attributes:
        begun: what was read, and whether in full, in the order of beginning.
        gate: readings end while it is set.
        failures: readings that fail before one works.
    """

    def __init__(self) -> None:
        self.begun: list[tuple[str, bool]] = []
        self.gate = asyncio.Event()
        self.failures = 0
        self.wanted = {"a", "b"}
        self.readings = Readings(self._read, self.wanted.__contains__, Backoff(Random(1), 0.001, 0.001))

    async def _read(self, channel: str, full: bool) -> None:
        self.begun.append((channel, full))
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise ReplyError(ErrorCode.UNAVAILABLE, "away")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.readings.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_who_asks_before_it_begins_shares_a_reading() -> None:
    """A thousand cost one."""
    stage = Stage()
    stage.gate.set()
    waiting = [asyncio.ensure_future(stage.readings.wait("a")) for _ in range(1000)]
    await rest()
    async with stage.running():
        await asyncio.gather(*waiting)
    assert stage.begun == [("a", False)]


async def test_who_asks_while_it_runs_waits_for_the_next() -> None:
    """What it asks about may have happened after the reading began. All of those share the next one."""
    stage = Stage()
    async with stage.running():
        first = asyncio.ensure_future(stage.readings.wait("a"))
        await eventually(lambda: bool(stage.begun))
        later = [asyncio.ensure_future(stage.readings.wait("a")) for _ in range(10)]
        await rest()
        assert len(stage.begun) == 1
        stage.gate.set()
        await asyncio.gather(first, *later)
    assert stage.begun == [("a", False)] * 2


async def test_one_that_needs_all_makes_the_reading_full() -> None:
    """For those that wanted less as well."""
    stage = Stage()
    stage.gate.set()
    stage.readings.ask("a")
    waiting = asyncio.ensure_future(stage.readings.wait("a", full=True))
    stage.readings.ask("a")
    await rest()
    async with stage.running():
        await waiting
    assert stage.begun == [("a", True)]


async def test_channels_are_read_together() -> None:
    """One that takes long doesn't come before the others."""
    stage = Stage()
    async with stage.running():
        stage.readings.ask("a")
        stage.readings.ask("b", full=True)
        await eventually(lambda: len(stage.begun) == 2)
        assert len(stage.readings) == 2
        stage.gate.set()
        await eventually(lambda: not len(stage.readings))


async def test_who_waits_learns_of_a_failure_at_once() -> None:
    """And the channel is read again until it works, as long as somebody wants it."""
    stage = Stage()
    stage.gate.set()
    stage.failures = 3
    async with stage.running():
        with pytest.raises(ReplyError, match="away"):
            await stage.readings.wait("a", full=True)
        async with asyncio.timeout(10):
            while len(stage.begun) < 4:  # noqa: ASYNC110 - real pauses of a millisecond
                await asyncio.sleep(0.001)
    assert stage.begun == [("a", True)] * 4


async def test_what_nobody_wants_is_not_read_again() -> None:
    """It would fail for ever."""
    stage = Stage()
    stage.gate.set()
    stage.failures = 1
    async with stage.running():
        with pytest.raises(ReplyError):
            await stage.readings.wait("gone")
        await stage.readings.wait("a")
    assert stage.begun == [("gone", False), ("a", False)]


async def test_who_stopped_waiting_harms_nobody() -> None:
    """Neither when it works nor when it fails."""
    stage = Stage()
    stage.failures = 1
    async with stage.running():
        gone = asyncio.ensure_future(stage.readings.wait("a"))
        kept = asyncio.ensure_future(stage.readings.wait("a"))
        await eventually(lambda: bool(stage.begun))
        gone.cancel()
        stage.gate.set()
        with pytest.raises(ReplyError):
            await kept
        await stage.readings.wait("a")


async def test_waiting_ends_with_the_work() -> None:
    """Who waits for a reading that was begun, and who waits for the next."""
    stage = Stage()
    async with stage.running():
        first = asyncio.ensure_future(stage.readings.wait("a"))
        await eventually(lambda: bool(stage.begun))
        second = asyncio.ensure_future(stage.readings.wait("a"))
        await rest()
    for waiting in (first, second):
        with pytest.raises(asyncio.CancelledError):
            await waiting
