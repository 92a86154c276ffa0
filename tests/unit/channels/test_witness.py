"""The seam for records: what a witness is told of."""

from __future__ import annotations

from typing import Any

import pytest

from channels.errors import ReplyError
from channels.model import Gap, Position, Subscribed
from channels.policy import ChannelOptions, Policy
from channels.ports import Subscriber, Subscription
from channels.witness import UNWITNESSED, Witness
from tests.kit import Domain, RecordingSubscriber


class Observer(Witness):
    """Writes everything down."""

    def __init__(self) -> None:
        self.notes: list[Any] = []

    def entered(
        self,
        subscriber: Subscriber,
        channel: str,
        since: Position | None,
        subscription: Subscription,
        subscribed: Subscribed,
    ) -> None:
        self.notes.append(("entered", channel, since, subscription.interval, subscribed.position, subscribed.recovered))

    def refused(self, subscriber: Subscriber, channel: str, error: ReplyError) -> None:
        self.notes.append(("refused", channel, error.code.word))

    def left(self, subscriber: Subscriber, channels: tuple[str, ...], why: str) -> None:
        self.notes.append(("left", channels, why))

    def gap(self, gap: Gap) -> None:
        self.notes.append(("gap", gap.channel, gap.until))


class Watched:
    """A domain with an observer."""

    def __init__(self) -> None:
        observer = Observer()
        self.notes = observer.notes
        policy = Policy({"news": ChannelOptions(conflate="key")}, {"room": ChannelOptions()})
        self.domain = Domain(policy, witness=observer)


@pytest.fixture
def watched() -> Watched:
    return Watched()


async def test_coming_and_going(watched: Watched) -> None:
    """With positions; asking for something else is coming again."""
    domain = watched.domain
    tab = RecordingSubscriber()
    await domain.publish("news")
    await domain.subscribe(tab, "news", Position("e1", 1))
    await domain.subscribe(tab, "news", None, Subscription(interval=2.0))
    assert watched.notes == [
        ("entered", "news", Position("e1", 1), 0.0, Position("e1", 1), True),
        ("entered", "news", None, 2.0, Position("e1", 1), None),
    ]
    await domain.engine.unsubscribe(tab, "news")
    await domain.engine.unsubscribe(tab, "news")
    await domain.subscribe(tab, "room:x")
    await domain.engine.unsubscribe(tab, "room:x", "permission_denied")
    await domain.subscribe(tab, "room:x")
    domain.lose(tab)
    assert [note for note in watched.notes if note[0] == "left"] == [
        ("left", ("news",), ""),
        ("left", ("room:x",), "permission_denied"),
        ("left", ("room:x",), ""),
    ]


async def test_refusals_and_gaps(watched: Watched) -> None:
    """A gap once, however many are on the channel."""
    domain = watched.domain
    for tab in (RecordingSubscriber(), RecordingSubscriber()):
        await domain.subscribe(tab, "news")
    with pytest.raises(ReplyError):
        await domain.engine.subscribe(RecordingSubscriber(), "nowhere")
    domain.announce_gap("news", Position("e2", 5))
    assert watched.notes[2:] == [("refused", "nowhere", "unknown_channel"), ("gap", "news", Position("e2", 5))]


async def test_who_has_left_before_it_came_did_not_come(watched: Watched) -> None:
    """Its connection was lost while it waited."""
    domain = watched.domain
    tab = RecordingSubscriber()

    async def lose() -> None:
        domain.lose(tab)

    domain.interruptions.before["history"] = lose
    await domain.engine.subscribe(tab, "news")
    assert [note[0] for note in watched.notes] == ["left"]


def test_nobody_need_look() -> None:
    """Who takes no notice costs nothing."""
    tab = RecordingSubscriber()
    UNWITNESSED.entered(tab, "news", None, Subscription(), Subscribed(1))
    UNWITNESSED.left(tab, ("news",), "")
    UNWITNESSED.gap(Gap("news", None, Position("e", 1)))
