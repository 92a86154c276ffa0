"""Whose a run is."""

from __future__ import annotations

from uuid import uuid4

from agents.bus.bus import BusOptions
from agents.runs.owner import Owners
from agents.store.database import Database
from agents.store.tables import tasks
from tests.unit.agents.runs.run_worlds import a_world


async def test_a_run_leads_to_its_users_scope(store: Database) -> None:
    """Which sees what the user sees; a run that isn't there leads nowhere."""
    async with a_world(store, bus_options=BusOptions(here=0)) as world:
        first, second = await world.send("A"), await world.send("B")
        owners = Owners(store)
        owned = await owners.of(first.id)
        assert owned is not None
        assert (owned.scope, owned.scope.subject) == (world.scope, world.scope.subject)
        assert (owned.session_id, owned.agent_id, owned.priority) == (world.session, world.agent.id, 0)
        assert (await world.runs.get(owned.scope, second.id)).id == second.id
        assert await owners.of(uuid4()) is None
        open_ones = await owners.where(tasks.c.status.in_(("queued", "waiting")), limit=10)
        assert [one.run_id for one in open_ones] == [first.id, second.id]
        assert len(await owners.where(limit=1)) == 1
