"""Short words between the processes of a hub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.adapters.agents import signals
from hub.adapters.agents.signals import HubSignals
from hub.tasks import Tasks
from tests.joined import JoinedNodes, Junction
from tests.kit import ManualClock, eventually


class World:
    """Two processes."""

    def __init__(self) -> None:
        self.junction = Junction(ManualClock())
        self.tasks = Tasks()
        self.here = HubSignals(JoinedNodes(self.junction), self.tasks)
        self.there = HubSignals(JoinedNodes(self.junction), self.tasks)
        self.heard: list[tuple[str, Mapping[str, Any]]] = []
        for name, each in (("here", self.here), ("there", self.there)):
            each.listen("news", lambda message, name=name: self.heard.append((name, message)))  # type: ignore[misc]


async def test_every_process_hears_it_this_one_at_once() -> None:
    """In the order of telling; other topics are for others."""
    world = World()
    world.here.tell("news", {"n": 1})
    assert world.heard == [("here", {"n": 1})]
    world.here.tell("weather", {})
    for n in (2, 3):
        world.here.tell("news", {"n": n})
    await eventually(lambda: len(world.heard) == 6)
    assert [message["n"] for name, message in world.heard if name == "there"] == [1, 2, 3]
    assert world.here.lost == 0


async def test_a_handler_that_fails_stops_nobody() -> None:
    """Neither the next handler, nor the one who tells."""
    world = World()
    world.here.listen("bad", lambda _: 1 / 0)  # type: ignore[arg-type]
    world.here.listen("bad", lambda message: world.heard.append(("after", message)))
    world.here.tell("bad", {})
    assert world.heard == [("after", {})]
    await world.tasks.stop()


async def test_what_can_t_be_told_is_counted_and_nothing_waits_for_long() -> None:
    """While the others can't be reached, and when more is said than can be sent."""
    world = World()
    world.junction.away = True
    world.here.tell("news", {})
    await eventually(lambda: world.here.lost == 1)
    world.junction.away = False
    for n in range(signals.WAITING_MAX + 5):
        world.here.tell("news", {"n": n})
    assert world.here.lost == 6
    await eventually(lambda: ("there", {"n": signals.WAITING_MAX + 4}) in world.heard)
