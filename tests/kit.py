"""Doubles and values that tests of several packages use. Doubles behave like the real thing and tell what they saw."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any, TypeVar

import orjson

from channels.clock import iso
from channels.engine import Engine, Ports
from channels.memory import MemoryBroker, MemoryMembership, MemoryPresence
from channels.model import Draft, Gap, History, Member, Position, PresenceState, Publication, Published, Subscribed
from channels.policy import ChannelOptions, Policy, Principal
from channels.ports import (
    PLAIN_SUBSCRIPTION,
    Audience,
    Broker,
    Membership,
    Presence,
    Subscriber,
    Subscription,
    ignore_gap,
)
from channels.witness import UNWITNESSED, Witness

_LOOP_TURNS = 100
"""Far more than the awaits between any two points of interest in the code under test."""

Result = TypeVar("Result")


async def eventually(condition: Callable[[], bool]) -> None:
    """Let the event loop turn until `condition` holds. Takes no time; fails when all has come to rest without it."""
    for _ in range(_LOOP_TURNS):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("everything has come to rest, and the condition doesn't hold")


async def rest() -> None:
    """Let everything that can run without time passing run."""
    for _ in range(_LOOP_TURNS):
        await asyncio.sleep(0)


def draft(channel: str, data: object = None, type: str = "event", **fields: Any) -> Draft:
    """Make a draft with plain values where the test doesn't care."""
    return Draft(channel, type, orjson.dumps(data), "2026-11-21T10:15:00.000000Z", **fields)


def publication(channel: str, offset: int, epoch: str = "e1", key: str | None = None) -> Publication:
    """Make a publication with a position."""
    return Publication(channel, "event", b"{}", "2026-11-21T10:15:00.000000Z", Position(epoch, offset), key)


def principal(user: str | None = None, **capabilities: tuple[str, ...]) -> Principal:
    """Make a principal; `subscribe=("room:*",)` and the like are what its token grants."""
    return Principal(user, capabilities=capabilities)


class ManualClock:
    """A clock that stands still until the test moves it."""

    def __init__(self, now: float = 1_800_000_000.0, monotonic: float = 1_000.0) -> None:
        self._now = now
        self._monotonic = monotonic

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass, on both clocks."""
        self._now += seconds
        self._monotonic += seconds


class RecordingSubscriber:
    """A connection that keeps what it gets."""

    _sessions = count(1)

    def __init__(self, client_id: str = "client", principal: Principal | None = None) -> None:
        self.client_id = client_id
        self.session = f"s-{next(self._sessions)}"
        self.principal = principal or Principal()
        self.is_open = True
        self.publications: list[Publication] = []
        self.notices: list[Mapping[str, Any]] = []

    def __repr__(self) -> str:
        return f"<{self.client_id} {self.session}>"

    def take(self, publications: Collection[Publication]) -> None:
        """Get what it missed."""
        self.publications.extend(publications)

    def close(self) -> None:
        """Lose the connection."""
        self.is_open = False

    @property
    def offsets(self) -> list[int]:
        """Offsets of the publications that it got."""
        return [position.offset for position in self.positions]

    @property
    def positions(self) -> list[Position]:
        """Positions of the publications that it got."""
        return [publication.position for publication in self.publications if publication.position is not None]

    @property
    def types(self) -> list[str]:
        """Types of the publications that it got."""
        return [publication.type for publication in self.publications]


class RecordingDelivery:
    """A `channels.ports.Delivery` to recording subscribers, without any delay."""

    def __init__(self) -> None:
        self.delivered: list[tuple[Publication, ChannelOptions]] = []
        self.released: list[tuple[Subscriber, str]] = []

    def deliver(self, publication: Publication, audience: Audience, options: ChannelOptions) -> int:
        self.delivered.append((publication, options))
        reached = [s for s in (*audience.prompt, *audience.throttled) if s.client_id != publication.exclude]
        for subscriber in reached:
            _recording(subscriber).publications.append(publication)
        return len(reached)

    def release(self, subscriber: Subscriber, channel: str) -> None:
        self.released.append((subscriber, channel))

    def notify(self, subscriber: Subscriber, notice: Mapping[str, Any]) -> None:
        _recording(subscriber).notices.append(notice)


def _recording(subscriber: Subscriber) -> RecordingSubscriber:
    assert isinstance(subscriber, RecordingSubscriber)
    return subscriber


Interruption = Callable[[], Awaitable[None]]


class Interruptions:
    """What happens before and after single calls of the ports: there a test acts, waits, or raises."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        """The calls so far: name, and the channel that it was about."""
        self.before: dict[str, Interruption] = {}
        self.after: dict[str, Interruption] = {}

    async def around(self, name: str, channel: str, call: Callable[[], Awaitable[Result]]) -> Result:
        """Make a call, with what the test put around it."""
        self.calls.append((name, channel))
        if interruption := self.before.get(name):
            await interruption()
        result = await call()
        if interruption := self.after.get(name):
            await interruption()
        return result


class InterruptedBroker:
    """A broker whose calls suspend where the test says so: `history`, `follow`, `unfollow`."""

    def __init__(self, broker: Broker, interruptions: Interruptions) -> None:
        self._broker = broker
        self._interruptions = interruptions
        self.on_gap: Callable[[Gap], None] = ignore_gap

    def listen(self, listener: Callable[[Publication], int], on_gap: Callable[[Gap], None] = ignore_gap) -> None:
        self._broker.listen(listener, on_gap)
        self.on_gap = on_gap

    async def publish(self, draft: Draft, options: ChannelOptions) -> Published:
        return await self._broker.publish(draft, options)

    async def follow(self, channels: Collection[str]) -> None:
        await self._interruptions.around("follow", ",".join(channels), lambda: self._broker.follow(channels))

    async def unfollow(self, channels: Collection[str]) -> None:
        await self._interruptions.around("unfollow", ",".join(channels), lambda: self._broker.unfollow(channels))

    async def history(
        self, channel: str, options: ChannelOptions, since: Position | None, limit: int, reverse: bool = False
    ) -> History:
        return await self._interruptions.around(
            "history", channel, lambda: self._broker.history(channel, options, since, limit, reverse)
        )

    async def forget(self, channel: str) -> None:
        await self._broker.forget(channel)


class InterruptedPresence:
    """A presence whose `join` and `leave` suspend where the test says so."""

    def __init__(self, presence: Presence, interruptions: Interruptions) -> None:
        self._presence = presence
        self._interruptions = interruptions

    async def join(self, channel: str, member: Member) -> None:
        await self._interruptions.around("join", channel, lambda: self._presence.join(channel, member))

    async def leave(self, channel: str, session: str) -> None:
        await self._interruptions.around("leave", channel, lambda: self._presence.leave(channel, session))

    async def state(self, channel: str, members: bool) -> PresenceState:
        return await self._presence.state(channel, members)

    def listen(self, listener: Callable[[str, str, Member], None]) -> None:
        self._presence.listen(listener)

    def watch(self, channel: str, wanted: bool) -> None:
        self._presence.watch(channel, wanted)


class InterruptedMembership:
    """A membership whose `contains` and `remove` suspend where the test says so."""

    def __init__(self, membership: Membership, interruptions: Interruptions) -> None:
        self._membership = membership
        self._interruptions = interruptions

    async def add(self, channel: str, user: str) -> None:
        await self._membership.add(channel, user)

    async def remove(self, channel: str, user: str) -> None:
        await self._interruptions.around("remove", channel, lambda: self._membership.remove(channel, user))

    async def contains(self, channel: str, user: str) -> bool:
        return await self._interruptions.around("contains", channel, lambda: self._membership.contains(channel, user))

    async def members(self, channel: str) -> frozenset[str]:
        return await self._membership.members(channel)


class Domain:
    """An engine on memory, whose port calls a test can interrupt, with recording subscribers around it."""

    def __init__(self, policy: Policy, max_subscriptions: int = 100, witness: Witness = UNWITNESSED) -> None:
        self.clock = ManualClock()
        self.interruptions = Interruptions()
        self.delivery = RecordingDelivery()
        epochs = count(1)
        self.broker = MemoryBroker(self.clock, new_epoch=lambda: f"e{next(epochs)}")
        self.presence = MemoryPresence()
        self.membership = MemoryMembership()
        self.link = InterruptedBroker(self.broker, self.interruptions)
        ports = Ports(
            self.link,
            InterruptedPresence(self.presence, self.interruptions),
            InterruptedMembership(self.membership, self.interruptions),
            self.delivery,
            self.clock,
            witness,
        )
        self.engine = Engine(policy, ports, max_subscriptions)

    def announce_gap(self, channel: str, until: Position) -> None:
        """Have the broker announce a gap, as one behind a link does; the channel goes on after `until`."""
        self.link.on_gap(Gap(channel, None, until))

    async def publish(self, channel: str, data: object = None, type: str = "event", **fields: Any) -> Published:
        """Publish as the server itself."""
        timestamp = iso(self.clock.now())
        return await self.engine.publish(Draft(channel, type, orjson.dumps(data), timestamp, **fields))

    async def subscribe(
        self,
        subscriber: RecordingSubscriber,
        channel: str,
        since: Position | None = None,
        subscription: Subscription = PLAIN_SUBSCRIPTION,
    ) -> Subscribed:
        """Subscribe, and hand over what was missed, as an edge must: at once."""
        subscribed = await self.engine.subscribe(subscriber, channel, since, subscription)
        subscriber.take(subscribed.missed)
        return subscribed

    def lose(self, subscriber: RecordingSubscriber) -> tuple[str, ...]:
        """Lose a subscriber's connection."""
        subscriber.close()
        return self.engine.leave(subscriber)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work off departures as long as the block runs."""
        task = asyncio.create_task(self.engine.run(), name="departures")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
