"""A process that answers a message piece by piece, and waits to be killed: `python -m ...doomed DSN`.

To its standard error goes one line of JSON about what it began, and the time (monotonic, the machine's) of each piece
as the model gives it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator
from uuid import uuid4

from agents.models.port import ModelEvent, Prompt, TextDelta
from agents.runs.options import RunOptions
from agents.store.database import Database, DatabaseOptions
from agents.store.tables import chat_sessions
from tests.agents_kit import a_user
from tests.unit.agents.runs.run_worlds import World

PACE = 0.004


def say(what: object) -> None:
    sys.stderr.write(f"{json.dumps(what)}\n")
    sys.stderr.flush()


async def endless(_: Prompt) -> AsyncGenerator[ModelEvent, None]:
    """A piece every few milliseconds."""
    number = 0
    while True:
        say(time.monotonic())
        yield TextDelta(f"{number} ")
        number += 1
        await asyncio.sleep(PACE)


async def main(dsn: str) -> None:
    world = World(Database(DatabaseOptions(dsn)))
    world.options = RunOptions(lease=0.5)
    world.model.script = endless
    process = world.process()
    world.scope = await a_user(world.store, "doomed")
    world.session = uuid4()
    async with world.scope.begin() as work:
        await work.run(work.insert(chat_sessions, id=world.session))
    world.agent = await process.catalog.create(world.scope, "coder")
    first, second = await world.send("A"), await world.send("B")
    say([str(world.session), str(first.id), str(second.id)])
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
