"""Whether the agents' database answers."""

from __future__ import annotations

import asyncio

from hub.adapters.agents.pulse import FRESH, Pulse
from tests.kit import ManualClock


class Asked:
    """A database that answers what it is told to, when it is told to."""

    def __init__(self) -> None:
        self.answer = True
        self.times = 0
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self) -> bool:
        self.times += 1
        await self.open.wait()
        return self.answer


async def test_many_who_ask_cost_one_query() -> None:
    """At once, and within a second."""
    asked, clock = Asked(), ManualClock()
    pulse = Pulse(asked, clock.monotonic)
    assert await asyncio.gather(*(pulse.beats() for _ in range(50))) == [True] * 50
    asked.answer = False
    clock.advance(FRESH / 2)
    assert await pulse.beats()
    assert asked.times == 1
    clock.advance(FRESH / 2)
    assert not await pulse.beats()
    assert asked.times == 2


async def test_a_database_that_hangs() -> None:
    """Has no pulse, and nobody waits for it longer than its patience."""
    asked = Asked()
    asked.open.clear()
    assert not await asyncio.wait_for(Pulse(asked, ManualClock().monotonic, patience=0.01).beats(), 5)
