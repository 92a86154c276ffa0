"""The processes of one hub: which are alive, how they are, and what they tell each other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import orjson
import structlog

from channels.errors import ErrorCode, ReplyError
from channels.redis.backbone import Backbone
from channels.redis.heartbeat import LEASE_TURNS, Heartbeat
from channels.redis.script import NODES_BEAT, NODES_READ, NODES_TELL, Call
from channels.redis.topic import Topic

log = structlog.get_logger(__name__)

LIFE = 10
"""Leases after which Redis drops what no process has touched."""

TELLERS = 10_000
"""Processes whose last message is remembered, so that one that was sent twice is taken once."""


class RedisNodes:
    """Processes with leases, and one Redis channel on which all of them listen.

    Args:
        node: name of this process, another one at each start (`channels.local.random_node`).
        lease: seconds after which a silent process counts as dead.
        limit: bytes of one message, and of one report.

    Attributes:
        told, heard: messages to and from other processes.
        repeated: messages that came twice, and were dropped.
        unreported: reports that could not be made or were too big; an empty one went out.
    """

    def __init__(self, backbone: Backbone, node: str, lease: float = 30.0, limit: int = 65_536) -> None:
        self.node = node
        self._backbone = backbone
        self._lease = round(1000 * lease)
        self._limit = limit
        self._name = backbone.keys.shared("told")
        self._keys = (backbone.keys.shared("nodes"), backbone.keys.shared("reports"))
        self._handlers: dict[str, list[Callable[[Mapping[str, Any]], None]]] = {}
        self._numbers: Callable[[], Mapping[str, Any]] = dict
        self._number = 0
        self._gone = False
        self._last: OrderedDict[str, int] = OrderedDict()
        self.heartbeat = Heartbeat(lease / LEASE_TURNS, backbone.random)
        self.told = self.heard = self.repeated = self.unreported = 0
        self._topic = Topic(self._take)
        backbone.hear((self._name,), self._topic)
        backbone.watch(self._on_link)
        backbone.employ("redis nodes", self.run)

    def listen(self, topic: str, handler: Callable[[Mapping[str, Any]], None]) -> None:
        self._handlers.setdefault(topic, []).append(handler)

    async def tell(self, topic: str, message: Mapping[str, Any]) -> int:
        number = self._number = self._number + 1
        text = orjson.dumps((self.node, number, topic, message))
        if len(text) > self._limit:
            raise ReplyError(
                ErrorCode.DATA_TOO_LARGE,
                f"expected a message of at most {self._limit} bytes to other processes, got {len(text)}",
            )
        reached = await self._backbone.queries.call(Call(NODES_TELL, (self._name,), (self._backbone.spread, text)))
        self.told += 1
        return max(0, int(reached) - self._topic.heard)

    def _take(self, payload: bytes) -> None:
        node, number, topic, message = orjson.loads(payload)
        if node == self.node:
            return
        # A teller whose answer was lost tells again; its numbers rise.
        if number <= self._last.get(node, 0):
            self.repeated += 1
            return
        self._last[node] = number
        self._last.move_to_end(node)
        if len(self._last) > TELLERS:
            self._last.popitem(last=False)
        self.heard += 1
        for handler in self._handlers.get(topic, ()):
            handler(message)

    def report(self, numbers: Callable[[], Mapping[str, Any]]) -> None:
        self._numbers = numbers

    async def reports(self) -> Mapping[str, Mapping[str, Any]]:
        found = await self._backbone.queries.call(Call(NODES_READ, self._keys, ()))
        reports: dict[str, Mapping[str, Any]] = {
            node.decode(): orjson.loads(text) for node, text in zip(found[::2], found[1::2], strict=True)
        }
        return {**reports, self.node: orjson.loads(self._report())}

    def _report(self) -> bytes:
        try:
            text = orjson.dumps(self._numbers())
        except Exception:
            # Being alive must not depend on being able to say how.
            log.exception("a report of this process could not be made")
            text = b""
        if 0 < len(text) <= self._limit:
            return text
        self.unreported += 1
        return b"{}"

    async def run(self) -> None:
        """Keep this process among the living, until cancelled. Exactly one task runs this."""
        await self.heartbeat.run(self._beat)

    async def _beat(self) -> None:
        await self._send(0 if self._gone else self._lease)

    async def go(self) -> None:
        """Take this process from the living at once and for good. While Redis is away, the end of its lease does it."""
        self._gone = True
        with suppress(ReplyError):
            await self._beat()

    async def _send(self, lease: int) -> None:
        arguments = (self.node.encode(), lease, self._report(), LIFE * self._lease)
        await self._backbone.queries.call(Call(NODES_BEAT, self._keys, arguments))

    def _on_link(self, up: bool, _reason: str) -> None:
        if up:
            self.heartbeat.hurry()
