"""Who listens to what: two-way maps between channels and subscribers. Pure and synchronous.

Invariants: a subscriber is under a channel exactly when the channel is under the subscriber; a channel without
subscribers and a subscriber without channels are in no map.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from channels.ports import PLAIN_SUBSCRIPTION, Subscriber, Subscription


class Roster:
    """The subscribers of one channel at one moment (a `channels.ports.Audience`). Immutable."""

    __slots__ = ("plan", "prompt", "throttled")

    def __init__(self, subscriptions: dict[Subscriber, Subscription]) -> None:
        self.throttled: dict[Subscriber, float] = {s: o.interval for s, o in subscriptions.items() if o.interval}
        self.plan: Any = None
        self.prompt: list[Subscriber] = [s for s in subscriptions if s not in self.throttled]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.throttled)


NO_ONE = Roster({})


class Registry:
    """Two-way maps. A channel's roster is built when it is first asked for after a change, so a publication costs no
    copy."""

    def __init__(self) -> None:
        self._subscriptions: dict[str, dict[Subscriber, Subscription]] = {}
        self._rosters: dict[str, Roster] = {}
        self._channels: dict[Subscriber, tuple[str, ...]] = {}
        self._watchers: dict[str, dict[Subscriber, None]] = {}
        self._observer: Callable[[str, bool], None] | None = None

    def add(self, subscriber: Subscriber, channel: str, subscription: Subscription = PLAIN_SUBSCRIPTION) -> bool:
        """Put `subscriber` on `channel`, or replace what it asked for; tell whether it is new there."""
        subscriptions = self._subscriptions.setdefault(channel, {})
        new = subscriber not in subscriptions
        if new or subscriptions[subscriber] != subscription:
            self._rosters.pop(channel, None)
        subscriptions[subscriber] = subscription
        self._watch(subscriber, channel, subscription.presence)
        if new:
            self._channels[subscriber] = (*self._channels.get(subscriber, ()), channel)
        return new

    def remove(self, subscriber: Subscriber, channel: str) -> bool:
        """Take `subscriber` off `channel`; tell whether it was there."""
        subscriptions = self._subscriptions.get(channel)
        if subscriptions is None or subscriptions.pop(subscriber, None) is None:
            return False
        self._rosters.pop(channel, None)
        self._watch(subscriber, channel, False)
        if not subscriptions:
            del self._subscriptions[channel]
        left = tuple(name for name in self._channels[subscriber] if name != channel)
        if left:
            self._channels[subscriber] = left
        else:
            del self._channels[subscriber]
        return True

    def roster(self, channel: str) -> Roster:
        """Return the subscribers of `channel` as of now."""
        roster = self._rosters.get(channel)
        if roster is None:
            subscriptions = self._subscriptions.get(channel)
            if subscriptions is None:
                return NO_ONE
            roster = self._rosters[channel] = Roster(subscriptions)
        return roster

    def channels_of(self, subscriber: Subscriber) -> tuple[str, ...]:
        """The channels that `subscriber` is on, in the order of subscribing."""
        return self._channels.get(subscriber, ())

    def subscription(self, subscriber: Subscriber, channel: str) -> Subscription | None:
        """What `subscriber` asked for on `channel`; `None` when it isn't there."""
        return self._subscriptions.get(channel, {}).get(subscriber)

    def count(self, channel: str) -> int:
        """How many subscribers `channel` has."""
        return len(self._subscriptions.get(channel, ()))

    def counts(self) -> dict[str, int]:
        """Subscribers per channel; only channels that have any."""
        return {channel: len(subscriptions) for channel, subscriptions in self._subscriptions.items()}

    def watchers(self, channel: str) -> tuple[Subscriber, ...]:
        """Those on `channel` who asked for join and leave notices."""
        return tuple(self._watchers.get(channel, ()))

    def observe(self, observer: Callable[[str, bool], None]) -> None:
        """Name the one function that is told when a channel gets its first watcher, and when it has lost its last."""
        self._observer = observer

    def _watch(self, subscriber: Subscriber, channel: str, presence: bool) -> None:
        if presence:
            first = channel not in self._watchers
            self._watchers.setdefault(channel, {})[subscriber] = None
            if first and self._observer is not None:
                self._observer(channel, True)
        elif (watchers := self._watchers.get(channel)) is not None:
            watchers.pop(subscriber, None)
            if not watchers:
                del self._watchers[channel]
                if self._observer is not None:
                    self._observer(channel, False)

    def __len__(self) -> int:
        """How many subscriptions there are in all."""
        return sum(len(subscriptions) for subscriptions in self._subscriptions.values())
