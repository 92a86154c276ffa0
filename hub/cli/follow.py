"""A client's side of the protocol, without its socket: messages in, events and commands out.

One `Follower` lives through any number of connections. After each new one it subscribes from where it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from channels.model import Position
from hub.cli.stream import Gap, Joined, Message, Repeated, Stream

RETRY = 2.0
"""Seconds after which a subscribe that was refused for the moment is sent again, when the hub names no time."""


@dataclass(frozen=True, slots=True)
class Welcomed:
    """The hub let us in; `message` is the welcome."""

    message: Message

    @property
    def channels(self) -> list[str]:
        """The channels that may be subscribed to."""
        names = self.message.get("available_channels")
        return [str(name) for name in names] if isinstance(names, list) else []


@dataclass(frozen=True, slots=True)
class Arrived:
    """A publication."""

    message: Message


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notice that is only to be shown: someone joined or left, a token is about to end."""

    message: Message


@dataclass(frozen=True, slots=True)
class Dismissed:
    """The hub ended a subscription."""

    channel: str
    reason: str
    left: int
    """Channels that are still followed."""


@dataclass(frozen=True, slots=True)
class Moving:
    """The hub asks for a new connection after `delay` seconds."""

    delay: float
    reason: str


@dataclass(frozen=True, slots=True)
class Denied:
    """A command failed; `channel` is named when it was a subscribe. `retry` seconds from now it is sent again."""

    error: Message
    channel: str | None = None
    retry: float | None = None


Event = Welcomed | Joined | Gap | Repeated | Arrived | Noticed | Dismissed | Moving | Denied


class Follower:
    """Follows channels.

    Args:
        channels: what to subscribe to; none just listens.
        since: where to begin, per channel; a channel that is missing begins now.
        presence: also ask for join and leave notices.
    """

    def __init__(self, channels: Sequence[str], since: Mapping[str, Position], presence: bool = False) -> None:
        names = list(dict.fromkeys(channels))
        self._streams = {name: Stream(name, since.get(name)) for name in names}
        self._ids = dict(enumerate(names, start=1))
        self._presence = presence
        self._due: dict[str, float] = {}
        self._ping_every = 0.0
        self._ping_at: float | None = None

    def connected(self) -> None:
        """Note that a new connection began: nothing is subscribed there yet."""
        self._due.clear()
        self._ping_at = None

    @property
    def wake(self) -> float | None:
        """When `commands` has something again, if nothing comes before."""
        times = [*self._due.values(), *([] if self._ping_at is None else [self._ping_at])]
        return min(times, default=None)

    def commands(self, now: float) -> list[dict[str, Any]]:
        """Take the commands that are to be sent now."""
        due = [name for name, time in self._due.items() if time <= now]
        for name in due:
            del self._due[name]
        commands = [self._subscribe(name) for name in due]
        if self._ping_at is not None and self._ping_at <= now:
            commands.append({"action": "ping"})
        if commands and self._ping_at is not None:
            self._ping_at = now + self._ping_every
        return commands

    def _subscribe(self, name: str) -> dict[str, Any]:
        number = next(number for number, channel in self._ids.items() if channel == name)
        command: dict[str, Any] = {"action": "subscribe", "channel": name, "id": number}
        since = self._streams[name].since()
        if since is not None:
            command["since"] = since
        if self._presence:
            command["presence"] = True
        return command

    def receive(self, message: Message, now: float) -> list[Event]:
        """Take a message; say what it means. A message of an unknown type means nothing."""
        if _is_publication(message):
            return self._published(message)
        match message.get("type"):
            case "connection":
                return self._welcomed(message, now)
            case "subscribe":
                stream = self._streams.get(str(message.get("channel")))
                return [] if stream is None else [event for event in stream.join(message) if event is not None]
            case "position":
                return self._moved_on(message)
            case "error":
                return [self._denied(message, now)]
            case "unsubscribed":
                return [self._dismissed(message)]
            case "reconnect":
                return [Moving(_number(message.get("delay_ms")) / 1000, str(message.get("reason", "")))]
            case "presence" | "token_expiring":
                return [Noticed(message)]
            case _:
                return []

    def _published(self, message: Message) -> list[Event]:
        stream = self._streams.get(str(message["channel"]))
        fault = None if stream is None else stream.receive(message)
        return [Arrived(message)] if fault is None else [fault, Arrived(message)]

    def _moved_on(self, message: Message) -> list[Event]:
        """Take the position of a publication that was kept from this client."""
        stream = self._streams.get(str(message.get("channel")))
        fault = None if stream is None else stream.receive(message)
        return [] if fault is None else [fault]

    def _welcomed(self, message: Message, now: float) -> list[Event]:
        if message.get("status") != "connected":
            error = {"code": "unauthenticated", "message": "this hub lets nobody in without a token"}
            return [Denied(error)]
        self._due = dict.fromkeys(self._streams, now)
        # Following a quiet channel is no idleness, so it is said twice per idle limit that there is someone here.
        self._ping_every = _number(message.get("idle_timeout")) / 2
        self._ping_at = now + self._ping_every if self._ping_every else None
        return [Welcomed(message)]

    def _denied(self, message: Message, now: float) -> Denied:
        number = message.get("id")
        channel = self._ids.get(number) if isinstance(number, int) else None
        if channel is None or message.get("temporary") is not True:
            return Denied(message, channel)
        retry = _number(message.get("retry_after")) or RETRY
        self._due[channel] = now + retry
        return Denied(message, channel, retry)

    def _dismissed(self, message: Message) -> Dismissed:
        channel = str(message.get("channel"))
        self._streams.pop(channel, None)
        self._due.pop(channel, None)
        return Dismissed(channel, f"{message.get('message', '')} ({message.get('code', '')})", len(self._streams))


def _is_publication(message: Message) -> bool:
    """Tell by its fields: a publisher may choose any `type`, also one that is a word of the protocol."""
    return "channel" in message and "data" in message and "id" not in message


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and value > 0 else 0.0
