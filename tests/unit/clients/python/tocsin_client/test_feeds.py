"""What a client sends for its subscriptions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.unit.clients.python.tocsin_client.test_feed import publication, read, subscriber
from tocsin_client.errors import HubError
from tocsin_client.feeds import RETRY, Feeds, OnReply


class WireDouble:
    """A connection that keeps what is sent, and answers when told."""

    def __init__(self) -> None:
        self.sent: list[tuple[dict[str, Any], OnReply]] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def send(self, command: dict[str, Any], on_reply: OnReply) -> None:
        self.sent.append((command, on_reply))

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        self.timers.append((seconds, action))

    def answer(self, index: int = -1, **fields: Any) -> None:
        """Answer a command."""
        self.sent[index][1]({"type": "subscribe", "epoch": "e", "offset": 0, **fields})

    @property
    def actions(self) -> list[tuple[str, str]]:
        return [(command["action"], command["channel"]) for command, _ in self.sent]


def test_one_subscription_on_the_wire_for_all() -> None:
    """The first one subscribes, the last one unsubscribes."""
    wire = WireDouble()
    feeds = Feeds(wire)
    one, two = subscriber(), subscriber()
    feed = feeds.add("c", one)
    wire.answer()
    assert feeds.add("c", two) is feed
    feeds.remove(feed, one)
    assert wire.actions == [("subscribe", "c")]
    feeds.remove(feed, two)
    feeds.remove(feed, two)
    assert wire.actions == [("subscribe", "c"), ("unsubscribe", "c")]
    assert len(feeds) == 0


def test_other_options_are_sent_when_they_change() -> None:
    """And no position with them: nothing is to be replayed."""
    wire = WireDouble()
    feeds = Feeds(wire)
    feed = feeds.add("c", subscriber())
    wire.answer()
    curious = subscriber(presence=True)
    feeds.add("c", curious)
    feeds.remove(feed, curious)
    assert [command.get("presence") for command, _ in wire.sent] == [None, True, None]
    assert all("since" not in command for command, _ in wire.sent)


def test_a_new_connection_gets_everything() -> None:
    """Each channel from where it was."""
    wire = WireDouble()
    feeds = Feeds(wire)
    one = subscriber()
    feeds.add("c", one)
    feeds.add("d", subscriber())
    wire.answer(0)
    feeds.receive(publication(1), 1)
    feeds.lost()
    feeds.resume()
    commands = [command for command, _ in wire.sent[2:]]
    assert [command.get("since") for command in commands] == [{"epoch": "e", "offset": 1}, None]
    assert read(one) == [1]


def test_a_refusal_ends_the_subscription_or_is_asked_again() -> None:
    """As the hub says; after the time that it names."""
    wire = WireDouble()
    feeds = Feeds(wire)
    errors: list[HubError] = []
    one = subscriber()
    one.failed = errors.append
    feeds.add("c", one)
    wire.answer(type="error", code="rate_limited", temporary=True, retry_after=3)
    wire.timers[0][1]()
    wire.answer(type="error", code="unavailable", temporary=True)
    assert [seconds for seconds, _ in wire.timers] == [3.0, RETRY]
    wire.timers[1][1]()
    wire.answer(type="error", code="permission_denied")
    assert [error.code for error in errors] == ["permission_denied"]
    assert len(feeds) == 0
    assert wire.actions == [("subscribe", "c")] * 3


def test_answers_that_come_too_late_change_nothing() -> None:
    """Everyone has left; the connection has ended."""
    wire = WireDouble()
    feeds = Feeds(wire)
    one = subscriber()
    feed = feeds.add("c", one)
    feeds.remove(feed, one)
    wire.answer(0)
    assert not feed.joined
    two = feeds.add("c", subscriber())
    wire.sent[-1][1](None)
    assert not two.joined


def test_the_hub_ends_a_subscription() -> None:
    """A publication whose type says so is none of that."""
    wire = WireDouble()
    feeds = Feeds(wire)
    errors: list[HubError] = []
    one = subscriber()
    one.failed = errors.append
    feeds.add("c", one)
    wire.answer()
    feeds.receive({"type": "unsubscribed", "channel": "c", "data": 1, "epoch": "e", "offset": 1}, 1)
    assert read(one) == [1]
    feeds.receive({"type": "unsubscribed", "channel": "c", "code": "permission_denied", "message": "gone"}, 1)
    feeds.receive(publication(2), 1)
    assert [error.message for error in errors] == ["gone"]
