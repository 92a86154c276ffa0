"""Doubles of what joins the processes of a hub: several "processes" in the memory of one test.

What one tells, the others get on a later turn of the event loop, as from a real server: wait with
`tests.kit.eventually`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import orjson

from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError

Handler = Callable[[Mapping[str, Any]], None]


class Junction:
    """What the processes have in common.

    Attributes:
        away: nobody reaches anybody, as while Redis is away.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.away = False
        self.nodes: list[JoinedNodes] = []
        self.boards: list[JoinedNoticeboard] = []
        self.notices: dict[str, float] = {}
        self.names = count(1)

    def require(self) -> None:
        """Raise what a call raises while Redis is away."""
        if self.away:
            raise ReplyError(ErrorCode.UNAVAILABLE, "Redis is away; try again in a moment")


class JoinedNodes:
    """A double of `channels.ports.Nodes`: one of several processes.

    Attributes:
        told: what this process has told the others: topic and message.
    """

    def __init__(self, junction: Junction, node: str = "") -> None:
        self.node = node or f"n-{next(junction.names)}"
        self.told: list[tuple[str, Mapping[str, Any]]] = []
        self._junction = junction
        self._handlers: dict[str, list[Handler]] = {}
        self._numbers: Callable[[], Mapping[str, Any]] = dict
        junction.nodes.append(self)

    def listen(self, topic: str, handler: Handler) -> None:
        self._handlers.setdefault(topic, []).append(handler)

    async def tell(self, topic: str, message: Mapping[str, Any]) -> int:
        self._junction.require()
        self.told.append((topic, message))
        text = orjson.dumps(message)
        others = [node for node in self._junction.nodes if node is not self]
        for other in others:
            asyncio.get_running_loop().call_soon(other.take, topic, text)
        return len(others)

    def take(self, topic: str, text: bytes) -> None:
        """Get what another one told."""
        for handler in self._handlers.get(topic, ()) if self in self._junction.nodes else ():
            handler(orjson.loads(text))

    def report(self, numbers: Callable[[], Mapping[str, Any]]) -> None:
        self._numbers = numbers

    async def reports(self) -> Mapping[str, Mapping[str, Any]]:
        self._junction.require()
        return {node.node: orjson.loads(orjson.dumps(node._numbers())) for node in self._junction.nodes}

    def die(self) -> None:
        """Be gone, as a process that was killed is after its lease."""
        self._junction.nodes.remove(self)


class JoinedNoticeboard:
    """A double of `channels.ports.Noticeboard`: as one of several processes sees it."""

    def __init__(self, junction: Junction) -> None:
        self._junction = junction
        self._known: dict[str, float] = {}
        self._listener: Callable[[str, float], None] = lambda _notice, _until: None
        junction.boards.append(self)

    def listen(self, listener: Callable[[str, float], None]) -> None:
        self._listener = listener
        self._known.clear()
        self.read()

    async def post(self, notice: str, until: float) -> None:
        self._junction.require()
        if until <= max(self._junction.notices.get(notice, 0.0), self._junction.clock.now()):
            return
        self._junction.notices[notice] = until
        self.read()
        for board in self._junction.boards:
            asyncio.get_running_loop().call_soon(board.read)

    def read(self) -> None:
        """Look at the board: what is new goes to the listener."""
        now = self._junction.clock.now()
        for notice, until in list(self._junction.notices.items()):
            if until > now and until > self._known.get(notice, 0.0):
                self._known[notice] = until
                self._listener(notice, until)
