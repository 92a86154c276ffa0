"""The client's side of a conversation, without a socket."""

from __future__ import annotations

from typing import Any

import pytest

from channels.model import START, Position
from hub.cli.follow import RETRY, Arrived, Denied, Dismissed, Follower, Moving, Noticed, Welcomed
from hub.cli.stream import Gap, Joined

WELCOME = {"type": "connection", "status": "connected", "available_channels": ["a", "b"], "idle_timeout": 300.0}


def subscribed(channel: str, number: int, offset: int = 0, **fields: Any) -> dict[str, Any]:
    reply = {"type": "subscribe", "id": number, "channel": channel, "status": "success", "subscribers": 1}
    return {**reply, "epoch": "e", "offset": offset, **fields}


def publication(channel: str, offset: int, type: str = "event") -> dict[str, Any]:
    return {"type": type, "channel": channel, "data": {}, "timestamp": "", "epoch": "e", "offset": offset}


def connected(*channels: str, presence: bool = False) -> Follower:
    """A follower that has just sent its subscribes, at time 0."""
    follower = Follower(channels, {}, presence)
    follower.connected()
    follower.receive(WELCOME, 0.0)
    follower.commands(0.0)
    return follower


def test_nothing_is_sent_before_the_welcome() -> None:
    """The hub speaks first."""
    follower = Follower(["a"], {})
    follower.connected()
    assert (follower.commands(0.0), follower.wake) == ([], None)


def test_the_welcome_is_answered_with_subscribes_in_order() -> None:
    """Each has an id, its own start, and asks for presence where that is wanted."""
    follower = Follower(["a", "b", "c", "a"], {"a": Position("e", 5), "b": START}, presence=True)
    follower.connected()
    (event,) = follower.receive(WELCOME, 0.0)
    assert isinstance(event, Welcomed)
    assert event.channels == ["a", "b"]
    assert follower.commands(0.0) == [
        {"action": "subscribe", "channel": "a", "id": 1, "since": {"epoch": "e", "offset": 5}, "presence": True},
        {"action": "subscribe", "channel": "b", "id": 2, "since": {"offset": 0}, "presence": True},
        {"action": "subscribe", "channel": "c", "id": 3, "presence": True},
    ]
    assert follower.commands(0.0) == []


def test_a_new_connection_subscribes_from_the_last_position() -> None:
    """What was seen is not asked for again."""
    follower = connected("a")
    follower.receive(subscribed("a", 1, 4), 0.0)
    follower.receive(publication("a", 5), 0.0)
    follower.connected()
    assert follower.commands(1.0) == []
    follower.receive(WELCOME, 1.0)
    since = {"epoch": "e", "offset": 5}
    assert follower.commands(1.0) == [{"action": "subscribe", "channel": "a", "id": 1, "since": since}]


def test_a_subscription_that_was_never_answered_keeps_its_start() -> None:
    """A connection lost too early costs nothing."""
    follower = Follower(["a"], {"a": Position("e", 5)})
    for now in (0.0, 1.0):
        follower.connected()
        follower.receive(WELCOME, now)
        assert follower.commands(now)[0]["since"] == {"epoch": "e", "offset": 5}


def test_publications_arrive_with_their_faults_first() -> None:
    """A gap is told before the publication that shows it."""
    follower = connected("a")
    (joined,) = follower.receive(subscribed("a", 1, 1), 0.0)
    assert isinstance(joined, Joined)
    first, second = publication("a", 2), publication("a", 4)
    assert follower.receive(first, 0.0) == [Arrived(first)]
    assert follower.receive(second, 0.0) == [Gap("a", Position("e", 2), Position("e", 4), 1), Arrived(second)]


@pytest.mark.parametrize("word", ["error", "subscribe", "unsubscribed", "reconnect", "presence", "connection"])
def test_a_publication_may_have_any_type(word: str) -> None:
    """A publisher's type that is a word of the protocol steers nothing."""
    follower = connected("a")
    follower.receive(subscribed("a", 1, 0), 0.0)
    message = publication("a", 1, type=word)
    assert follower.receive(message, 0.0) == [Arrived(message)]


def test_a_position_stands_for_a_publication_that_was_kept_back() -> None:
    """It shows nothing, and the next publication is no gap; a skip within positions is one."""
    follower = connected("a")
    follower.receive(subscribed("a", 1, 1), 0.0)
    position = {"type": "position", "channel": "a", "epoch": "e", "offset": 2}
    assert follower.receive(position, 0.0) == []
    assert follower.receive(publication("a", 3), 0.0) == [Arrived(publication("a", 3))]
    assert follower.receive({**position, "offset": 5}, 0.0) == [Gap("a", Position("e", 3), Position("e", 5), 1)]
    assert follower.receive({**position, "channel": "other"}, 0.0) == []


def test_a_lasting_refusal_is_not_tried_again() -> None:
    """`temporary: false` means that nothing would change."""
    follower = connected("a")
    error = {"type": "error", "id": 1, "code": "unknown_channel", "message": "no", "temporary": False}
    assert follower.receive(error, 0.0) == [Denied(error, "a")]
    assert follower.commands(100.0) == []


@pytest.mark.parametrize(("fields", "delay"), [({}, RETRY), ({"retry_after": 0.5}, 0.5)])
def test_a_passing_refusal_is_tried_again(fields: dict[str, Any], delay: float) -> None:
    """When the hub names no time, after a while."""
    follower = connected("a", "b")
    error = {"type": "error", "id": 2, "code": "rate_limited", "message": "slow", "temporary": True, **fields}
    assert follower.receive(error, 10.0) == [Denied(error, "b", delay)]
    assert follower.wake == 10.0 + delay
    assert follower.commands(10.0 + delay / 2) == []
    assert follower.commands(10.0 + delay) == [{"action": "subscribe", "channel": "b", "id": 2}]


def test_an_error_that_is_about_no_subscribe_is_only_reported() -> None:
    """A refused refresh, for one."""
    follower = connected("a")
    error = {"type": "error", "action": "refresh", "code": "invalid_token", "message": "no", "temporary": True}
    assert follower.receive(error, 0.0) == [Denied(error)]


@pytest.mark.parametrize("number", [7, "1", None, [], {}])
def test_an_error_with_an_id_that_was_not_sent_belongs_to_no_channel(number: object) -> None:
    """Whatever it is."""
    error = {"type": "error", "id": number, "code": "internal", "message": "no", "temporary": True}
    assert connected("a").receive(error, 0.0) == [Denied(error)]


def test_a_hub_that_wants_a_token_refuses() -> None:
    """The token comes with the upgrade or not at all."""
    follower = Follower(["a"], {})
    (event,) = follower.receive({"type": "connection", "status": "unauthenticated", "client_id": "me"}, 0.0)
    assert isinstance(event, Denied)
    assert event.error["code"] == "unauthenticated"
    assert follower.commands(0.0) == []


def test_a_subscription_that_the_hub_ended_is_not_taken_up_again() -> None:
    """Nor does it come back with a new connection."""
    follower = connected("a", "b")
    notice = {"type": "unsubscribed", "channel": "a", "code": "permission_denied", "message": "you left"}
    assert follower.receive(notice, 0.0) == [Dismissed("a", "you left (permission_denied)", 1)]
    follower.connected()
    follower.receive(WELCOME, 1.0)
    assert [command["channel"] for command in follower.commands(1.0)] == ["b"]


@pytest.mark.parametrize(("delay", "seconds"), [(1500, 1.5), (0, 0.0), (-5, 0.0), ("soon", 0.0), (None, 0.0)])
def test_a_hub_may_ask_for_a_new_connection(delay: object, seconds: float) -> None:
    """The delay is read in milliseconds; nonsense is none."""
    message = {"type": "reconnect", "delay_ms": delay, "reason": "restart"}
    assert connected("a").receive(message, 0.0) == [Moving(seconds, "restart")]


@pytest.mark.parametrize("word", ["presence", "token_expiring"])
def test_notices_are_passed_on(word: str) -> None:
    """They change nothing here."""
    message = {"type": word, "channel": "a"}
    assert connected("a").receive(message, 0.0) == [Noticed(message)]


@pytest.mark.parametrize("message", [{}, {"type": "news"}, {"type": ["x"]}, {"type": "pong", "data": 1}])
def test_what_is_unknown_means_nothing(message: dict[str, Any]) -> None:
    """A newer hub may say more."""
    assert connected("a").receive(message, 0.0) == []


def test_a_ping_keeps_a_quiet_connection() -> None:
    """It is sent twice per idle limit, counted from the last command."""
    follower = connected("a")
    assert follower.wake == 150.0
    assert follower.commands(149.0) == []
    assert follower.commands(150.0) == [{"action": "ping"}]
    assert follower.wake == 300.0


def test_a_hub_without_an_idle_limit_gets_no_pings() -> None:
    """There is nothing to prevent."""
    follower = Follower([], {})
    follower.connected()
    follower.receive({**WELCOME, "idle_timeout": 0.0}, 0.0)
    assert (follower.wake, follower.commands(1e6)) == (None, [])
