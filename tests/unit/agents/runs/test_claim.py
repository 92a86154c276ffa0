"""Beginning a run."""

from __future__ import annotations

import asyncio

from agents.bus.bus import BusOptions
from agents.runs.claim import Claim, Claims
from agents.runs.owner import Owners
from agents.store.database import Database
from agents.store.tables import tasks
from tests.unit.agents.runs.run_worlds import World, a_world

IDLE = BusOptions(here=0)


def claims_of(world: World, node: str) -> Claims:
    process = world.processes[0]
    return Claims(process.log, process.catalog, Owners(world.store), world.model, node, 30.0)


async def test_of_many_that_claim_a_run_one_has_it(store: Database) -> None:
    """In one transaction: its row, the event that tells of it, and the agent's state."""
    async with a_world(store, {"model": "double/two"}, bus_options=IDLE) as world:
        run = await world.send("Hi")
        claims = [claims_of(world, f"node-{number}") for number in range(4)]
        owned = await claims[0].find(run.id)
        assert owned is not None
        assert (owned.scope, owned.session_id) == (world.scope, world.session)
        begun = await asyncio.gather(*(one.begin(owned) for one in claims))
        (claim,) = [one for one in begun if one is not None]
        assert isinstance(claim, Claim)
        assert (claim.model, claim.asked.content, list(claim.history)) == ("double/two", "Hi", [])
        started = (await world.events())[-1]
        assert (started.type, started.seq, started.data["model"]) == ("TASK_STARTED", claim.seq, "double/two")
        async with world.scope.begin() as work:
            row = await work.one(work.select(tasks))
        assert row is not None
        assert (row["status"], row["attempts"], row["started_at"]) == ("running", 1, started.created_at)
        assert row["lease_until"] > started.created_at
        assert (await world.processes[0].catalog.get(world.scope, world.agent.id)).status == "busy"


async def test_a_worker_that_is_faster_than_the_commit(store: Database) -> None:
    """Waits for it a moment."""
    async with a_world(store, bus_options=IDLE) as world:
        run = await world.send()
        async with store.of_system() as connection:
            # What another transaction has deleted, and then takes back, isn't there in between.
            taken = (await connection.execute(tasks.delete().where(tasks.c.id == run.id).returning(tasks))).mappings()
            row = dict(taken.one())
        finding = asyncio.create_task(claims_of(world, "n").find(run.id))
        await asyncio.sleep(0.02)
        assert not finding.done()
        async with store.of_system() as connection:
            await connection.execute(tasks.insert().values(**row))
        found = await finding
    assert found is not None
