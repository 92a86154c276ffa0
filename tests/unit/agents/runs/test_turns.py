"""Handing a session's next run to the bus."""

from __future__ import annotations

import time
from uuid import uuid4

from agents.bus.bus import Bus, BusOptions
from agents.bus.memory_queue import MemoryQueue
from agents.runs.ending import Due
from agents.runs.turns import give_turn
from tests.unit.agents.catalog.catalogs import Wire


async def test_a_turn_that_cant_be_given_waits_for_the_sweep() -> None:
    """Nothing fails when the agent's queue is full; without a run there is nothing to do."""
    agent = uuid4()
    bus = Bus(MemoryQueue(1, 3, time.monotonic), Wire(), BusOptions(), "n")
    assert await give_turn(bus, Due(agent, uuid4(), 0))
    assert not await give_turn(bus, Due(agent, uuid4(), 0))
    assert not await give_turn(bus, None)
