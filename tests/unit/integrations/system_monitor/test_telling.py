"""Telling something again and again."""

from __future__ import annotations

import asyncio

import structlog

from integrations.system_monitor.telling import Telling
from integrations.system_monitor.ticker import Ticker
from tests.kit import ManualClock, eventually


async def test_a_failure_ends_nothing() -> None:
    """Each is counted, the first one is logged, and the next tick is like any other."""
    clock = ManualClock()
    told: list[float] = []

    async def tell() -> None:
        told.append(clock.monotonic())
        if len(told) < 3:
            raise RuntimeError("on purpose")

    async def sleep(seconds: float) -> None:
        if len(told) == 4:
            await asyncio.Event().wait()
        clock.advance(seconds)

    telling = Telling("it failed", tell, lambda: Ticker(5.0, clock, sleep))
    with structlog.testing.capture_logs() as logs:
        task = asyncio.create_task(telling.run())
        await eventually(lambda: len(told) == 4)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert (telling.failures, told) == (2, [1_000.0, 1_005.0, 1_010.0, 1_015.0])
    assert [entry["event"] for entry in logs] == ["it failed"]
