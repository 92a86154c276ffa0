"""Publish, subscribe, recover, deliver: the hub without its sockets.

One engine per process, on one event loop. Fan-out is synchronous: a slow subscriber can't hold up a publication,
because nothing here waits for one. Everything that does wait (broker, presence, membership) stands behind a port.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace

from channels.attendance import Attendance
from channels.check import PublicationChecks, conflation_key
from channels.clock import Clock, iso
from channels.errors import ErrorCode, ReplyError
from channels.gate import Gate
from channels.model import Draft, Gap, History, Member, Position, PresenceState, Publication, Published, Subscribed
from channels.policy import Operation, Policy, Principal
from channels.ports import PLAIN_SUBSCRIPTION, Broker, Delivery, Membership, Presence, Subscriber, Subscription
from channels.recovery import NOTHING, CatchingUp, Held, Past, join, read
from channels.registry import Registry
from channels.witness import UNWITNESSED, Witness

DEPARTURES = 100
"""Subscribers whose departure is noted at once."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What the engine stands on."""

    broker: Broker
    presence: Presence
    membership: Membership
    delivery: Delivery
    clock: Clock
    witness: Witness = UNWITNESSED


class Engine:
    """Ties registry, policy and ports together.

    Args:
        policy: which channels exist, and who may do what.
        max_subscriptions: channels that one subscriber may be on.
    """

    def __init__(self, policy: Policy, ports: Ports, max_subscriptions: int = 100) -> None:
        self.policy = policy
        self.registry = Registry()
        self.gate = Gate(policy, ports.membership)
        self._broker = ports.broker
        self._presence = ports.presence
        self._delivery = ports.delivery
        self._witness = ports.witness
        self.checks = PublicationChecks(ports.clock)
        self._attendance = Attendance(ports.presence, self.registry, ports.delivery, policy, ports.clock)
        self.max_subscriptions = max_subscriptions
        self._followed: set[str] = set()
        self._catching_up = CatchingUp()
        self._departed: deque[tuple[Member, tuple[str, ...]]] = deque()
        self._departure = asyncio.Event()
        self._expulsions = 0
        self._clock = ports.clock
        self._broker.listen(self._on_publication, self._on_gap)

    # Publishing.

    async def publish(self, draft: Draft, principal: Principal | None = None) -> Published:
        """Publish to one channel. Without a principal the server itself publishes, which needs no permission.

        Raises:
            ReplyError: `unknown_channel`, `permission_denied`, `invalid_data`, `data_too_large`, `rate_limited` or
                `unavailable`. Nothing was published then.
        """
        if principal is not None:
            await self.gate.require(principal, Operation.PUBLISH, channel=draft.channel)
        options = self.policy.options(draft.channel)
        self.checks.check(draft, options)
        key = conflation_key(draft, options.conflate)
        if key != draft.key:
            draft = replace(draft, key=key)
        return await self._broker.publish(draft, options)

    def _on_publication(self, publication: Publication) -> int:
        self._catching_up.offer(publication)
        roster = self.registry.roster(publication.channel)
        options = self.policy.find(publication.channel) if roster else None
        # Another process may still have a channel that the configuration here has lost.
        return self._delivery.deliver(publication, roster, options) if options else 0

    def _on_gap(self, gap: Gap) -> None:
        self._catching_up.interrupt(gap.channel)
        self._witness.gap(gap)
        notice = {"type": "gap", "channel": gap.channel, **gap.until._asdict(), "timestamp": iso(self._clock.now())}
        roster = self.registry.roster(gap.channel)
        for subscriber in (*roster.prompt, *roster.throttled):
            self._delivery.notify(subscriber, notice)

    # Subscribing.

    async def subscribe(
        self,
        subscriber: Subscriber,
        channel: str,
        since: Position | None = None,
        subscription: Subscription = PLAIN_SUBSCRIPTION,
    ) -> Subscribed:
        """Put a subscriber on a channel, and find what it missed after `since`.

        When this returns, every later publication goes to the subscriber; `missed` must be sent first, with no await
        between. Without `since` that is what the channel rewinds to. Subscribing again replaces what the subscriber
        asked for, and replays nothing. Who may not read history is replayed nothing either.

        Raises:
            ReplyError: `unknown_channel`, `permission_denied`, `too_many_subscriptions` or `unavailable`. The
                subscriber is as it was then.
        """
        try:
            done = await self._subscribe(subscriber, channel, since, subscription)
        except ReplyError as error:
            self._witness.refused(subscriber, channel, error)
            raise
        if self.registry.subscription(subscriber, channel) is not None:  # or it has left meanwhile
            self._witness.entered(subscriber, channel, since, subscription, done)
        return done

    async def _subscribe(
        self, subscriber: Subscriber, channel: str, since: Position | None, subscription: Subscription
    ) -> Subscribed:
        expulsions = self._expulsions
        await self.gate.require(subscriber.principal, Operation.SUBSCRIBE, channel=channel)
        if self.registry.subscription(subscriber, channel) is not None:
            return await self._subscribe_again(subscriber, channel, subscription)
        self._check_room_for_one_more(subscriber)
        options = self.policy.options(channel)
        # A replay is a piece of history, whatever position it begins at.
        recover = options.recover and await self.gate.allows(subscriber.principal, Operation.HISTORY, channel)
        past = Past(since if recover else None, options.rewind if recover and since is None else 0)
        with self._catching_up.hold(channel) as held:
            history = await self._enter(subscriber, channel, past, expulsions, held)
        if not subscriber.is_open:
            self._depart(subscriber, (channel,))
            return Subscribed(self.registry.count(channel))
        self.registry.add(subscriber, channel, subscription)
        count = self.registry.count(channel)
        if history is None:
            return Subscribed(count, None, None if since is None else False)
        missed, top = join(history, held, bool(options.conflate))
        if since is None:
            # What came while history was read is new to who has nothing yet, but nobody has promised it.
            return Subscribed(count, top, None, missed[-past.newest :] if past.newest else ())
        return Subscribed(count, top, history.recovered, missed) if recover else Subscribed(count, top, False)

    async def _subscribe_again(self, subscriber: Subscriber, channel: str, subscription: Subscription) -> Subscribed:
        history = await self._read(channel, NOTHING)
        # The subscription may have ended in the meantime, with the connection or by an expulsion.
        if self.registry.subscription(subscriber, channel) is not None:
            self.registry.add(subscriber, channel, subscription)
        return Subscribed(self.registry.count(channel), history.top if history else None)

    async def _enter(
        self, subscriber: Subscriber, channel: str, past: Past, expulsions: int, held: Held
    ) -> History | None:
        """Do all of subscribing that waits: follow, read, join. What was done is undone when it fails."""
        member = self._attendance.member(subscriber)
        try:
            if channel not in self._followed:
                await self._broker.follow((channel,))
                self._followed.add(channel)
            history = await self._read(channel, past)
            await self._attendance.join(channel, member)
            while expulsions != self._expulsions or held.interrupted:
                # Whom it hit is unknown: this subscriber was in no map then.
                expulsions = self._expulsions
                await self.gate.require(subscriber.principal, Operation.SUBSCRIBE, channel=channel)
                if held.resume():
                    history = await self._read(channel, past)
        except BaseException:
            self._depart(subscriber, (channel,))
            raise
        return history

    def _check_room_for_one_more(self, subscriber: Subscriber) -> None:
        if len(self.registry.channels_of(subscriber)) >= self.max_subscriptions:
            raise ReplyError(
                ErrorCode.TOO_MANY_SUBSCRIPTIONS,
                f"this connection is on {self.max_subscriptions} channels, its limit; unsubscribe from one first",
                limit=self.max_subscriptions,
            )

    async def _read(self, channel: str, past: Past) -> History | None:
        return await read(self._broker, channel, self.policy.options(channel), past)

    async def unsubscribe(self, subscriber: Subscriber, channel: str, why: str = "") -> bool:
        """Take a subscriber off a channel; tell whether it was there. Nothing of the channel is sent to it later.

        Args:
            why: if the subscriber didn't ask for it.
        """
        self._delivery.release(subscriber, channel)
        if not self.registry.remove(subscriber, channel):
            return False
        self._witness.left(subscriber, (channel,), why)
        await self._left(channel, self._attendance.member(subscriber))
        return True

    def leave(self, subscriber: Subscriber) -> tuple[str, ...]:
        """Forget a subscriber that is gone; return the channels that it was on.

        Synchronous, so that the maps are right at once; presence follows in the background (`run`).
        """
        channels = self.registry.channels_of(subscriber)
        for channel in channels:
            self.registry.remove(subscriber, channel)
        self._witness.left(subscriber, channels, "")
        if channels:
            self._depart(subscriber, channels)
        return channels

    async def expel(self, channel: str, user: str) -> int:
        """Take a user's membership away and end the subscriptions here that rested on it; return how many ended."""
        await self.gate.membership.remove(channel, user)
        return await self.dismiss(channel, user)

    async def dismiss(self, channel: str, user: str) -> int:
        """End what rested on a membership that was taken away, also elsewhere; return how many subscriptions."""
        self._expulsions += 1
        roster = self.registry.roster(channel)
        notice = {
            "type": "unsubscribed",
            "channel": channel,
            "code": ErrorCode.PERMISSION_DENIED.word,
            "message": f"user {user} no longer belongs to {channel}",
        }
        ended = 0
        for subscriber in (*roster.prompt, *roster.throttled):
            principal = subscriber.principal
            if principal.user != user or await self.gate.allows(principal, Operation.SUBSCRIBE, channel):
                continue
            if await self.unsubscribe(subscriber, channel, notice["code"]):
                ended += 1
                self._delivery.notify(subscriber, notice)
        return ended

    # Departures.

    def _depart(self, subscriber: Subscriber, channels: tuple[str, ...]) -> None:
        self._departed.append((self._attendance.member(subscriber), channels))
        self._departure.set()

    async def run(self) -> None:
        """Work off departures until cancelled. Exactly one task runs this."""
        while True:
            await self._departure.wait()
            self._departure.clear()
            while self._departed:
                # Together, so that a presence elsewhere takes many in one round trip.
                group = [self._departed.popleft() for _ in range(min(DEPARTURES, len(self._departed)))]
                await asyncio.gather(*(self._left(name, member) for member, names in group for name in names))

    async def _left(self, channel: str, member: Member) -> None:
        # What can't be noted while the broker is away ends with its lease.
        with suppress(ReplyError):
            await self._attendance.leave(channel, member)
        if channel in self._followed and not self.registry.count(channel) and not self._catching_up.waits_for(channel):
            self._followed.discard(channel)
            with suppress(ReplyError):
                await self._broker.unfollow((channel,))

    # Asking.

    async def history(
        self, channel: str, principal: Principal | None, since: Position | None, limit: int, reverse: bool = False
    ) -> History:
        """Read a piece of a channel's history.

        Raises:
            ReplyError: `unknown_channel`, `permission_denied`, `no_history`, `unavailable`.
        """
        if principal is not None:
            await self.gate.require(principal, Operation.SUBSCRIBE, Operation.HISTORY, channel=channel)
        options = self.policy.options(channel)
        if options.history_size == 0:
            raise ReplyError(ErrorCode.NO_HISTORY, f"{channel} keeps no history", channel=channel)
        return await self._broker.history(channel, options, since, limit, reverse)

    async def presence(self, channel: str, principal: Principal | None, members: bool) -> PresenceState:
        """Tell who is on a channel.

        Raises:
            ReplyError: `unknown_channel`, `permission_denied`, `unavailable`.
        """
        if principal is not None:
            await self.gate.require(principal, Operation.SUBSCRIBE, Operation.PRESENCE, channel=channel)
        self.policy.options(channel)
        return await self._presence.state(channel, members)
