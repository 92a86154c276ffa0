"""One channel on the wire, shared by all subscriptions of it in one client. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tocsin_client.buffer import Buffer
from tocsin_client.errors import HubError
from tocsin_client.model import START, Position
from tocsin_client.wire import Fields, is_publication, message_of, position_of, presence_of, since_of


@dataclass(eq=False, slots=True)
class Subscriber:
    """One subscription, as its feed sees it.

    Attributes:
        failed: is called with the error that ends it.
        settled: is called once the hub has let it in.
        begun: it has.
    """

    buffer: Buffer
    presence: bool
    interval_ms: int
    failed: Callable[[HubError], None]
    settled: Callable[[], None]
    begun: bool = False


@dataclass(eq=False, slots=True)
class Feed:
    """A channel and who reads it here.

    Attributes:
        top: position of the last publication that was delivered; where to go on after a break.
        joined: the hub has answered the subscribe on this connection; what comes before belongs to an older one.
        known: the hub has answered on some connection.
    """

    channel: str
    subscribers: list[Subscriber] = field(default_factory=list)
    top: Position | None = None
    joined: bool = False
    known: bool = False

    def command(self, since: Position | None) -> dict[str, Any]:
        """Write the subscribe."""
        command: dict[str, Any] = {"action": "subscribe", "channel": self.channel}
        if since is not None:
            command["since"] = since_of(since)
        if any(subscriber.presence for subscriber in self.subscribers):
            command["presence"] = True
        # One who wants everything outweighs those who want less.
        if interval := min((subscriber.interval_ms for subscriber in self.subscribers), default=0):
            command["interval_ms"] = interval
        return command

    def since(self) -> Position | None:
        """Where to go on on a new connection. Who lags reads history anyway, and who is new has missed nothing."""
        keep_up = any(subscriber.begun and not subscriber.buffer.lagging for subscriber in self.subscribers)
        return self.top if keep_up else None

    def add(self, subscriber: Subscriber) -> None:
        """Let a subscription in; on a channel that is followed already it begins at once."""
        self.subscribers.append(subscriber)
        if self.joined:
            self._begin(subscriber, self.top)

    def _begin(self, subscriber: Subscriber, top: Position | None) -> None:
        subscriber.begun = True
        subscriber.buffer.begin(top)
        subscriber.settled()

    def lost(self) -> None:
        """Note the end of a connection."""
        self.joined = False
        for subscriber in self.subscribers:
            subscriber.buffer.interrupted()

    def join(self, reply: Fields, asked: Position | None) -> None:
        """Take the reply to the first subscribe on a connection."""
        top = position_of(reply)
        # What the channel rewinds to is on its way.
        first = START if asked is None and reply.get("replayed") and top is not None else top
        was_known, self.known, self.joined = self.known, True, True
        before = [subscriber for subscriber in self.subscribers if subscriber.begun]
        for subscriber in self.subscribers:
            if not subscriber.begun:
                self._begin(subscriber, first)
        if not was_known:
            self.top = first
        elif asked is None or (reply.get("recovered") is not True and asked != START):
            self.top = START if reply.get("replayed") and top is not None else top
            missing = _missing(reply, asked, top)
            for subscriber in before:
                if not subscriber.buffer.lagging:
                    subscriber.buffer.gap("the hub can't replay what came during the break", self.top, missing)

    def receive(self, fields: Fields, size: int) -> None:
        """Take a publication or a notice about this channel."""
        if not self.joined:
            return
        if is_publication(fields):
            self._published(fields, size)
            return
        position = position_of(fields)
        for subscriber in tuple(self.subscribers):
            match fields.get("type"):
                case "position" if position is not None:
                    subscriber.buffer.move(position)
                case "gap" if position is not None:
                    subscriber.buffer.overtaken(position)
                case "presence" if subscriber.presence:
                    subscriber.buffer.notice(presence_of(fields))
        if position is not None:
            self._reach(position)

    def _published(self, fields: Fields, size: int) -> None:
        message = message_of(fields)
        for subscriber in self.subscribers:
            subscriber.buffer.take(message, size)
        if message.position is not None:
            self._reach(message.position)

    def _reach(self, position: Position) -> None:
        top = self.top
        if top is None or top.epoch != position.epoch or top.offset < position.offset:
            self.top = position

    def fail(self, error: HubError) -> None:
        """End all subscriptions of the channel."""
        for subscriber in tuple(self.subscribers):
            subscriber.failed(error)


def _missing(reply: Fields, asked: Position | None, top: Position | None) -> int | None:
    """Count what history has lost, where it can be counted."""
    replayed = reply.get("replayed")
    if asked is None or top is None or asked.epoch != top.epoch or not isinstance(replayed, int):
        return None
    missing = top.offset - asked.offset - replayed
    return missing if missing > 0 else None
