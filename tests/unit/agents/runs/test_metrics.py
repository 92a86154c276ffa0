"""What runs count."""

from __future__ import annotations

from agents.models.port import ModelFailed
from agents.store.database import Database
from tests.unit.agents.runs.run_worlds import a_world, says


async def test_a_scripted_load(store: Database) -> None:
    """Ends by status, and the times of each run; what is open as of the last sweep."""
    async with a_world(store) as world:
        await world.ended(await world.send())
        world.model.script = says(failing=ModelFailed("refused", "no", temporary=False))
        await world.ended(await world.send())
        metrics = world.processes[0].metrics
        await world.processes[0].recovery.sweep()
    assert metrics.ended == {"completed": 1, "failed": 1}
    assert [one.count for one in (metrics.waited, metrics.took, metrics.overhead)] == [2, 2, 2]
    assert metrics.first_token.count == 1
    assert 0 < metrics.overhead.seconds < metrics.took.seconds
    assert metrics.open == {}
    assert metrics.recovered == 0
