"""The state of a client, and those who watch it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from typing import Final

from tocsin_client.model import State

KEPT: Final = 64
"""Changes kept for one who watches and doesn't read; older ones are dropped."""


class States:
    """The present state, and its changes for any number of watchers."""

    def __init__(self) -> None:
        self.now = State.CONNECTING
        self._watchers: list[tuple[deque[State], asyncio.Event]] = []

    def set(self, state: State) -> None:
        """Change the state. `CLOSED` is the last one."""
        if state is self.now or self.now is State.CLOSED:
            return
        self.now = state
        for changes, event in self._watchers:
            changes.append(state)
            event.set()

    async def watch(self) -> AsyncGenerator[State]:
        """Yield the present state and then each change, in order; ends after `CLOSED`."""
        changes, event = deque([self.now], KEPT), asyncio.Event()
        watcher = (changes, event)
        self._watchers.append(watcher)
        try:
            while True:
                while changes:
                    state = changes.popleft()
                    yield state
                    if state is State.CLOSED:
                        return
                event.clear()
                await event.wait()
        finally:
            self._watchers[:] = [other for other in self._watchers if other is not watcher]
