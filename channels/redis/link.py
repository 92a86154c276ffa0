"""One connection that listens, and what was asked on it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from channels.redis.config import Redis
from channels.redis.connection import Connection, Lost, pack
from channels.redis.locator import Locator
from channels.redis.refusal import MISPLACED, Refused, redirection

BATCH: Final = 512
"""Channels in one command: a reconnect with many thousands doesn't hold the server up."""

_PING: Final = b"PING"


@dataclass(frozen=True, slots=True)
class Heard:
    """Who is told what a link hears.

    Attributes:
        opened: called once, when the server has answered all that was asked at the start.
        message: gets the channel and the bytes of each message.
        ready: gets channels for which listening has begun.
        misplaced: gets channels that this server doesn't serve any more.
    """

    opened: Callable[[], None]
    message: Callable[[bytes, bytes], None]
    ready: Callable[[Collection[bytes]], None]
    misplaced: Callable[[Collection[bytes]], None]


class _Command:
    """One that was sent, with the channels for which no answer has come."""

    __slots__ = ("names", "word")

    def __init__(self, word: bytes, names: Iterable[bytes]) -> None:
        self.word = word
        self.names = set(names)


class Link:
    """Listens on one server to a changing set of channels.

    A channel is *active* from the answer to the newest of its subscribe commands until it is dropped, and messages are
    passed on for active channels alone: what comes between an old subscription and the next is covered by `ready`.

    Args:
        connection: open, and used by nobody else.
    """

    def __init__(self, redis: Redis, locator: Locator, connection: Connection, heard: Heard) -> None:
        self._redis = redis
        self._locator = locator
        self._connection = connection
        self._heard = heard
        self._subscribe = b"SSUBSCRIBE" if locator.sharded else b"SUBSCRIBE"
        self._unsubscribe = b"SUNSUBSCRIBE" if locator.sharded else b"UNSUBSCRIBE"
        self._wanted: set[bytes] = set()
        self._asked: set[bytes] = set()
        self._active: set[bytes] = set()
        self._changed: dict[bytes, None] = {}
        self._unanswered: dict[bytes, int] = {}
        self._commands: deque[_Command] = deque()
        self._fresh: list[bytes] = []
        self._flushing: asyncio.Handle | None = None
        self._opened = False
        self._heard_lately = False

    def want(self, names: Iterable[bytes]) -> None:
        """Begin to listen to channels."""
        names = tuple(names)
        self._wanted.update(names)
        self._change(names)

    def drop(self, names: Iterable[bytes]) -> None:
        """Listen to channels no longer. None of their messages is passed on from now."""
        names = tuple(names)
        self._wanted.difference_update(names)
        self._active.difference_update(names)
        self._change(names)

    def announce(self) -> None:
        """Tell once more that the active channels are listened to."""
        self._heard.ready(tuple(self._active))

    def _change(self, names: Iterable[bytes]) -> None:
        # What changes within one turn of the loop shares a command.
        self._changed.update(dict.fromkeys(names))
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        changed, self._changed = self._changed, {}
        begin = [name for name in changed if name in self._wanted and name not in self._asked]
        end = [name for name in changed if name not in self._wanted and name in self._asked]
        again = [name for name in changed if name in self._wanted and name in self._asked]
        try:
            self._send(self._unsubscribe, end)
            self._send(self._subscribe, begin)
        except Lost:
            return  # the reader sees it, too
        self._asked.difference_update(end)
        self._asked.update(begin)
        for name in begin:
            self._unanswered[name] = self._unanswered.get(name, 0) + 1
        self._begin(name for name in again if name not in self._unanswered and name not in self._active)
        self._tell_ready()

    def _send(self, word: bytes, names: list[bytes]) -> None:
        for batch in _batches(names, self._locator):
            self._connection.write(pack(word, *batch))
            self._commands.append(_Command(word, batch))

    async def run(self, names: Iterable[bytes]) -> None:
        """Listen to these channels, and those that come and go, until the connection ends. Who is silent is pinged.

        Raises:
            Lost: always, in the end.
        """
        self.want(names)
        try:
            self._flush()
            self._ping()
            watching = asyncio.create_task(self._watch(), name=f"redis silence {self._connection.address}")
            try:
                await self._connection.pour(self._hear)
            finally:
                watching.cancel()
        finally:
            if self._flushing is not None:
                self._flushing.cancel()
                self._flushing = None

    async def _watch(self) -> None:
        """Ping who is silent, and give up who doesn't answer."""
        timeout = self._redis.timeout
        while True:
            self._heard_lately = False
            await asyncio.sleep(timeout / 4)
            if self._heard_lately:
                continue
            try:
                self._ping()
            except Lost:
                return  # the reader sees it, too
            await asyncio.sleep(timeout)
            if not self._heard_lately:
                self._connection.give_up(f"no answer within {timeout:g} s")

    def _hear(self, replies: list[Any]) -> None:
        self._heard_lately = True
        for reply in replies:
            self._take(reply)
        self._tell_ready()

    def _ping(self) -> None:
        self._connection.write(pack(_PING))
        self._commands.append(_Command(_PING, ()))

    def _take(self, reply: Any) -> None:
        if isinstance(reply, Refused):
            self._refused(reply)
            return
        kind = reply if isinstance(reply, bytes) else reply[0]  # without a channel, PONG comes by itself
        if kind in (b"message", b"smessage"):
            if self._fresh:
                self._tell_ready()
            if reply[1] in self._active:
                self._heard.message(reply[1], reply[2])
        elif kind in (b"subscribe", b"ssubscribe"):
            self._answered(self._subscribe, reply[1])
            self._subscribed(reply[1])
        elif kind in (b"unsubscribe", b"sunsubscribe"):
            self._unsubscribed(reply[1])
        else:
            self._answered(_PING)
            if not self._opened:
                self._opened = True
                self._tell_ready()
                self._heard.opened()

    def _answered(self, word: bytes, name: bytes | None = None) -> None:
        """Tick one answer off. Answers come in the order of commands, one for each channel."""
        command = self._commands[0] if self._commands else None
        if command is None or command.word != word or (name is not None and name not in command.names):
            raise Lost(f"{self._connection.address}: answered what was not asked")
        command.names.discard(name or b"")
        if not command.names:
            self._commands.popleft()

    def _subscribed(self, name: bytes) -> None:
        self._unanswered[name] -= 1
        if not self._unanswered[name]:
            del self._unanswered[name]
            if name in self._asked and name in self._wanted:
                self._begin((name,))

    def _begin(self, names: Iterable[bytes]) -> None:
        for name in names:
            self._active.add(name)
            self._fresh.append(name)

    def _tell_ready(self) -> None:
        fresh, self._fresh = [name for name in self._fresh if name in self._active], []
        if fresh:
            self._heard.ready(tuple(fresh))

    def _unsubscribed(self, name: bytes) -> None:
        command = self._commands[0] if self._commands else None
        if command is not None and command.word == self._unsubscribe and name in command.names:
            self._answered(self._unsubscribe, name)
        else:
            # Unasked: the channel's slot has left this server.
            self._locator.doubt()
            self._misplaced((name,))

    def _misplaced(self, names: Collection[bytes]) -> None:
        self._asked.difference_update(names)
        self._active.difference_update(names)
        away = [name for name in names if name in self._wanted]
        self._wanted.difference_update(away)
        if away:
            self._heard.misplaced(away)

    def _refused(self, error: Refused) -> None:
        """Take an error: it answers the oldest command as a whole."""
        if not self._commands or error.code not in (*MISPLACED, "CLUSTERDOWN"):
            raise Lost(f"{self._connection.address}: {error}")
        command = self._commands.popleft()
        there = redirection(error, self._connection.address)
        if there is not None and error.code == "MOVED":
            self._locator.moved(*there)
        elif error.code == "CLUSTERDOWN":
            self._locator.doubt()
        if command.word == self._subscribe:
            for name in command.names:
                self._unanswered[name] -= 1
                if not self._unanswered[name]:
                    del self._unanswered[name]
            self._misplaced(command.names)


def _batches(names: Iterable[bytes], locator: Locator) -> Iterator[tuple[bytes, ...]]:
    """Divide channels among commands; where there are slots, one command has those of one slot."""
    slots: dict[int, list[bytes]] = {}
    for name in names:
        slots.setdefault(locator.slot(name), []).append(name)
    for inside in slots.values():
        rest = iter(inside)
        while batch := tuple(islice(rest, BATCH)):
            yield batch
