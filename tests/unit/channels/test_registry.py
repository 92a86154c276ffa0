"""The two-way maps between channels and subscribers."""

from __future__ import annotations

import random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from channels.ports import PLAIN_SUBSCRIPTION, Subscription
from channels.registry import NO_ONE, Registry
from tests.kit import RecordingSubscriber

THROTTLED = Subscription(interval=0.5)
WATCHING = Subscription(presence=True)


def test_adding_tells_whether_it_is_new() -> None:
    """Subscribing twice is once; another channel or another subscriber is something new."""
    registry, one, other = Registry(), RecordingSubscriber(), RecordingSubscriber()
    assert registry.add(one, "a")
    assert not registry.add(one, "a")
    assert registry.add(one, "b")
    assert registry.add(other, "a")
    assert registry.counts() == {"a": 2, "b": 1}
    assert len(registry) == 3


def test_removing_tells_whether_it_was_there() -> None:
    """A stranger, an unknown channel and a second time are nothing."""
    registry, one, other = Registry(), RecordingSubscriber(), RecordingSubscriber()
    registry.add(one, "a")
    assert not registry.remove(one, "b")
    assert not registry.remove(other, "a")
    assert registry.remove(one, "a")
    assert not registry.remove(one, "a")


def test_channels_keep_the_order_of_subscribing() -> None:
    """Subscribing again doesn't move a channel to the end."""
    registry, one = Registry(), RecordingSubscriber()
    for channel in ("b", "a", "c", "b"):
        registry.add(one, channel)
    assert registry.channels_of(one) == ("b", "a", "c")
    registry.remove(one, "a")
    assert registry.channels_of(one) == ("b", "c")
    assert registry.channels_of(RecordingSubscriber()) == ()


def test_subscribers_are_told_apart_by_identity() -> None:
    """Two tabs of one user share a client id and are two subscribers."""
    registry = Registry()
    first, second = RecordingSubscriber("tab"), RecordingSubscriber("tab")
    assert registry.add(first, "a")
    assert registry.add(second, "a")
    assert registry.roster("a").prompt == [first, second]


def test_the_last_to_leave_takes_the_channel_along() -> None:
    """A channel without subscribers is in no map, and neither is a subscriber without channels."""
    registry, one = Registry(), RecordingSubscriber()
    registry.add(one, "a", WATCHING)
    registry.remove(one, "a")
    assert registry.counts() == {}
    assert registry.count("a") == 0
    assert registry.watchers("a") == ()
    assert registry.roster("a") is NO_ONE
    assert len(registry) == 0
    assert all(not value for value in vars(registry).values())


def test_a_roster_never_changes() -> None:
    """Who is delivering to a roster isn't disturbed by who comes and goes meanwhile."""
    registry, one, other = Registry(), RecordingSubscriber(), RecordingSubscriber()
    registry.add(one, "a")
    before = registry.roster("a")
    registry.add(other, "a")
    registry.remove(one, "a")
    assert (before.prompt, len(before)) == ([one], 1)
    assert registry.roster("a").prompt == [other]


def test_a_roster_is_the_same_object_until_something_changes() -> None:
    """A publication costs no copy, and delivery can tell by identity that two publications go to the same people."""
    registry, one = Registry(), RecordingSubscriber()
    registry.add(one, "a")
    before = registry.roster("a")
    registry.add(one, "a")
    registry.add(one, "b")
    assert registry.roster("a") is before
    registry.add(one, "a", THROTTLED)
    assert registry.roster("a") is not before


def test_a_roster_parts_those_who_asked_for_an_interval() -> None:
    """Everyone is in exactly one of the two."""
    registry, one, other = Registry(), RecordingSubscriber(), RecordingSubscriber()
    registry.add(one, "a", THROTTLED)
    registry.add(other, "a", WATCHING)
    roster = registry.roster("a")
    assert (roster.prompt, roster.throttled, len(roster)) == ([other], {one: 0.5}, 2)


def test_subscribing_again_replaces_what_was_asked_for() -> None:
    """Interval and presence are those of the last time."""
    registry, one = Registry(), RecordingSubscriber()
    registry.add(one, "a", Subscription(presence=True, interval=0.5))
    assert registry.watchers("a") == (one,)
    registry.add(one, "a", PLAIN_SUBSCRIPTION)
    assert registry.watchers("a") == ()
    assert registry.roster("a").throttled == {}
    assert registry.subscription(one, "a") == PLAIN_SUBSCRIPTION
    assert registry.subscription(one, "b") is None


@pytest.mark.parametrize("presence", [True, False])
def test_one_watcher_leaving_leaves_the_others(presence: bool) -> None:
    """Watchers are counted one by one."""
    registry, one, other = Registry(), RecordingSubscriber(), RecordingSubscriber()
    registry.add(one, "a", WATCHING)
    registry.add(other, "a", Subscription(presence=presence))
    registry.remove(other, "a")
    assert registry.watchers("a") == (one,)


def test_ten_thousand_comings_and_goings_leave_nothing_behind() -> None:
    """All maps are empty at the end, in whatever order it happened."""
    rng = random.Random(1)
    registry, subscribers = Registry(), [RecordingSubscriber() for _ in range(50)]
    channels = [f"room:{number}" for number in range(40)]
    for _ in range(10_000):
        subscriber, channel = rng.choice(subscribers), rng.choice(channels)
        if rng.random() < 0.5:
            registry.add(subscriber, channel, rng.choice([PLAIN_SUBSCRIPTION, THROTTLED, WATCHING]))
        else:
            registry.remove(subscriber, channel)
        registry.roster(channel)
    for subscriber in subscribers:
        for channel in registry.channels_of(subscriber):
            registry.remove(subscriber, channel)
    assert {name: value for name, value in vars(registry).items() if value} == {}


class RegistryMachine(RuleBasedStateMachine):
    """Compares the registry with a plain set of pairs after every step."""

    subscribers: Bundle[RecordingSubscriber] = Bundle("subscribers")
    channels = st.sampled_from(["a", "b", "room:a", "user:a"])
    subscriptions = st.builds(Subscription, presence=st.booleans(), interval=st.sampled_from([0.0, 0.05, 60.0]))

    def __init__(self) -> None:
        super().__init__()
        self.registry = Registry()
        self.model: dict[tuple[RecordingSubscriber, str], Subscription] = {}
        self.known: set[RecordingSubscriber] = set()

    @rule(target=subscribers)
    def connect(self) -> RecordingSubscriber:
        subscriber = RecordingSubscriber()
        self.known.add(subscriber)
        return subscriber

    @rule(subscriber=subscribers, channel=channels, subscription=subscriptions)
    def add(self, subscriber: RecordingSubscriber, channel: str, subscription: Subscription) -> None:
        new = (subscriber, channel) not in self.model
        assert self.registry.add(subscriber, channel, subscription) == new
        self.model[subscriber, channel] = subscription

    @rule(subscriber=subscribers, channel=channels)
    def remove(self, subscriber: RecordingSubscriber, channel: str) -> None:
        there = self.model.pop((subscriber, channel), None) is not None
        assert self.registry.remove(subscriber, channel) == there

    @rule(subscriber=consumes(subscribers))
    def disconnect(self, subscriber: RecordingSubscriber) -> None:
        for channel in self.registry.channels_of(subscriber):
            self.registry.remove(subscriber, channel)
        self.model = {pair: asked for pair, asked in self.model.items() if pair[0] is not subscriber}

    @invariant()
    def two_way_maps_agree(self) -> None:
        for subscriber in self.known:
            channels = self.registry.channels_of(subscriber)
            assert len(set(channels)) == len(channels)
            assert set(channels) == {channel for other, channel in self.model if other is subscriber}
            for channel in channels:
                assert self.registry.subscription(subscriber, channel) == self.model[subscriber, channel]

    @invariant()
    def counts_are_right_and_empty_channels_are_gone(self) -> None:
        counts: dict[str, int] = {}
        for _, channel in self.model:
            counts[channel] = counts.get(channel, 0) + 1
        assert self.registry.counts() == counts
        assert len(self.registry) == len(self.model)

    @invariant()
    def rosters_and_watchers_are_right(self) -> None:
        for channel in ("a", "b", "room:a", "user:a"):
            here = {subscriber: asked for (subscriber, name), asked in self.model.items() if name == channel}
            roster = self.registry.roster(channel)
            assert set(roster.prompt) == {subscriber for subscriber, asked in here.items() if not asked.interval}
            assert roster.throttled == {s: asked.interval for s, asked in here.items() if asked.interval}
            assert len(roster) == len(here) == self.registry.count(channel)
            assert set(self.registry.watchers(channel)) == {s for s, asked in here.items() if asked.presence}


RegistryMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestRegistry = RegistryMachine.TestCase


def test_an_observer_is_told_of_first_and_last_watchers() -> None:
    """Not of those between, nor of subscribers who watch nothing."""
    registry, one, two = Registry(), RecordingSubscriber(), RecordingSubscriber()
    seen: list[tuple[str, bool]] = []
    registry.observe(lambda channel, watched: seen.append((channel, watched)))
    registry.add(one, "b")
    registry.add(one, "a", WATCHING)
    registry.add(two, "a", WATCHING)
    registry.add(one, "a", WATCHING)
    registry.remove(one, "a")
    assert seen == [("a", True)]
    registry.add(two, "a")
    registry.remove(two, "a")
    assert seen == [("a", True), ("a", False)]
