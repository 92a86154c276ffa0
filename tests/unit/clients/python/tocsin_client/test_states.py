"""The state, and those who watch it."""

from __future__ import annotations

import asyncio

from tests.kit import rest
from tocsin_client.model import State
from tocsin_client.states import KEPT, States


async def test_a_watcher_sees_each_change_and_the_end() -> None:
    """Beginning with the present; the same state again is no change."""
    states = States()

    async def watch() -> list[State]:
        return [state async for state in states.watch()]

    watching = asyncio.create_task(watch())
    await rest()
    for state in (State.CONNECTED, State.CONNECTED, State.RECONNECTING, State.CLOSED, State.CONNECTED):
        states.set(state)
    assert await watching == [State.CONNECTING, State.CONNECTED, State.RECONNECTING, State.CLOSED]
    assert states.now is State.CLOSED


async def test_who_does_not_read_costs_little() -> None:
    """The newest changes are kept, and the last one is among them."""
    states = States()
    watcher = states.watch()
    assert await anext(watcher) is State.CONNECTING
    for _ in range(KEPT):
        states.set(State.CONNECTED)
        states.set(State.RECONNECTING)
    states.set(State.CLOSED)
    seen = [state async for state in watcher]
    assert len(seen) == KEPT
    assert seen[-1] is State.CLOSED


async def test_a_watcher_who_leaves_is_forgotten() -> None:
    """However its loop ends."""
    states = States()
    watcher = states.watch()
    await anext(watcher)
    await watcher.aclose()
    assert states._watchers == []
