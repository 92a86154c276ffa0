"""What was said in a session before a run."""

from __future__ import annotations

from agents.models.port import ModelFailed
from agents.runs.history import Asked, read_history
from agents.store.database import Database
from agents.store.tables import messages
from tests.unit.agents.runs.run_worlds import World, a_world, says


async def history(world: World, most: int = 100, *, again: bool = False) -> list[str]:
    async with world.scope.begin() as work:
        asked = messages.select().where(messages.c.session_id == world.session, messages.c.role == "user")
        row = await work.one(asked.order_by(messages.c.seq.desc()).limit(1))
        assert row is not None
        found = await read_history(work, world.session, Asked(row["id"], row["content"], row["seq"], again), most)
    return [message.content for message in found]


async def test_the_newest_turns_without_the_message_itself(store: Database) -> None:
    """Bounded; with failed and stopped turns; without what still waits."""
    async with a_world(store) as world:
        for number in range(3):
            world.model.script = says(f"answer {number}")
            await world.ended(await world.send(f"question {number}"))
        world.model.script = says("half", failing=ModelFailed("cut", "broke", temporary=True))
        await world.ended(await world.send("question 3"))
        world.model.script = says("last")
        await world.ended(await world.send("question 4"))
        everything = [f"{what} {number}" for number in range(3) for what in ("question", "answer")]
        assert await history(world) == [*everything, "question 3", "half"]
        assert await history(world, 3) == ["answer 2", "question 3", "half"]
        assert await history(world, 0) == []
        assert await history(world, again=True) == [*everything, "question 3", "half"]
