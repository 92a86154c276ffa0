"""The act of the alerts: a real threshold on a real pool."""

from __future__ import annotations

import asyncio
from pathlib import Path

from channels.push import Push
from hub.demo.alarm import RULE, Alarm
from integrations.db_pool import DynamicPool, PoolOptions
from tests.live import until
from tests.postgres_server import database, postgres
from tests.unit.hub.demo.recorder import stage_in

__all__ = ["database", "postgres"]


async def test_an_alert_fires_while_callers_wait_and_is_resolved_when_none_does(database: str, tmp_path: Path) -> None:
    """With what was measured; both messages are of one alert."""
    stage, recorder = stage_in(tmp_path, database)
    options = PoolOptions(minimum=1, maximum=1, overflow=0)
    async with DynamicPool(database, options, Push()) as pool:
        watching = asyncio.create_task(Alarm(stage, pool).run())
        callers = [asyncio.create_task(pool.fetchval("SELECT pg_sleep(0.4)")) for _ in range(8)]
        await until(lambda: len(recorder.data("alert")) == 2, 30.0)
        await asyncio.gather(*callers)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    fired, resolved = recorder.data("alert")
    assert (fired["status"], resolved["status"], resolved["reason"]) == ("firing", "resolved", "cleared")
    assert fired["alert_id"] == resolved["alert_id"]
    assert fired["value"] > RULE.threshold >= resolved["value"]
    assert resolved["ended_at"] >= fired["started_at"]


async def test_an_alert_that_fires_at_the_end_is_resolved_as_stopped(database: str, tmp_path: Path) -> None:
    """Nobody would ever hear of it again otherwise."""
    stage, recorder = stage_in(tmp_path, database)
    async with DynamicPool(database, PoolOptions(minimum=1, maximum=1, overflow=0), Push()) as pool:
        watching = asyncio.create_task(Alarm(stage, pool).run())
        callers = [asyncio.create_task(pool.fetchval("SELECT pg_sleep(0.6)")) for _ in range(8)]
        await until(lambda: len(recorder.data("alert")) == 1, 30.0)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        for caller in callers:
            caller.cancel()
        await asyncio.gather(*callers, return_exceptions=True)
    assert [data["reason"] for data in recorder.data("alert")] == [None, "stopped"]
