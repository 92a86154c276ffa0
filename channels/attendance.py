"""Presence, and the join and leave notices that follow from it."""

from __future__ import annotations

from channels.clock import Clock, iso
from channels.errors import ReplyError
from channels.model import Member
from channels.policy import Policy
from channels.ports import Delivery, Presence, Subscriber
from channels.registry import Registry


class Attendance:
    """Notes who comes and goes, and tells those subscribers of this process who asked.

    Presence says what has happened, wherever it did; it is asked only about channels that somebody here watches.
    """

    def __init__(
        self, presence: Presence, registry: Registry, delivery: Delivery, policy: Policy, clock: Clock
    ) -> None:
        self._presence = presence
        self._registry = registry
        self._delivery = delivery
        self._policy = policy
        self._clock = clock
        presence.listen(self._announce)
        registry.observe(self._watch)

    def member(self, subscriber: Subscriber) -> Member:
        """Describe a subscriber as others see it."""
        return Member(subscriber.client_id, subscriber.principal.user, subscriber.session, iso(self._clock.now()))

    async def join(self, channel: str, member: Member) -> None:
        """Note a new subscriber of `channel`. It doesn't hear of itself."""
        await self._presence.join(channel, member)

    async def leave(self, channel: str, member: Member) -> None:
        """Note that a subscriber of `channel` is gone."""
        await self._presence.leave(channel, member.session)

    def _announce(self, event: str, channel: str, member: Member) -> None:
        watchers = self._registry.watchers(channel)
        if not watchers or not self._sends_events(channel):
            return
        notice = {
            "type": "presence",
            "channel": channel,
            "event": event,
            "client": {"client_id": member.client_id, "user": member.user, "session": member.session},
            "timestamp": iso(self._clock.now()),
        }
        for watcher in watchers:
            if watcher.session != member.session:
                self._delivery.notify(watcher, notice)

    def _watch(self, channel: str, wanted: bool) -> None:
        self._presence.watch(channel, wanted and self._sends_events(channel))

    def _sends_events(self, channel: str) -> bool:
        try:
            return self._policy.options(channel).presence_events
        except ReplyError:
            return False  # the channel has been taken from the configuration in the meantime
