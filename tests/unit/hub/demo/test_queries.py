"""The act of the pool, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hub.demo import queries
from hub.demo.queries import OPTIONS
from tests.postgres_server import database, postgres
from tests.unit.hub.demo.recorder import stage_in

__all__ = ["database", "postgres"]


@pytest.mark.timeout(90)
async def test_waves_make_the_pool_grow_and_quiet_makes_it_shrink(database: str, tmp_path: Path) -> None:
    """Under a load that it doesn't invent: the sizes are those of a real pool, within its bounds."""
    stage, recorder = stage_in(tmp_path, database, pace=0.5)
    playing = asyncio.create_task(queries.play(stage))
    try:
        async with asyncio.timeout(60):
            while "low_utilization" not in {data["reason"] for data in recorder.data("pool_resized")}:
                assert not playing.done()
                await asyncio.sleep(0.05)
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
    resized = recorder.data("pool_resized")
    assert {"high_utilization", "overflow"} & {data["reason"] for data in resized}
    assert all(OPTIONS.minimum <= data["new_size"] <= OPTIONS.maximum for data in resized)
    assert max(data["total_queries"] for data in resized) > 20
    assert stage.notebook.lines
