"""One channel on the wire: where it goes on after a break, and who gets what."""

from __future__ import annotations

from typing import Any

from tocsin_client.buffer import Buffer
from tocsin_client.errors import HubError
from tocsin_client.feed import Feed, Subscriber
from tocsin_client.model import START, Event, Gap, Message, Position


def subscriber(presence: bool = False, interval_ms: int = 0, limit: int = 10) -> Subscriber:
    buffer = Buffer("c", limit, 10_000, None, lambda _: None)
    return Subscriber(buffer, presence, interval_ms, lambda _: None, lambda: None)


def read(one: Subscriber) -> list[Any]:
    def shown(event: Event) -> Any:
        return event.data if isinstance(event, Message) else "gap" if isinstance(event, Gap) else event.member.client_id

    seen = []
    while (event := one.buffer.pop()) is not None:
        seen.append(shown(event))
    return seen


def reply(offset: int | None = 0, epoch: str = "e", **fields: Any) -> dict[str, Any]:
    place = {} if offset is None else {"epoch": epoch, "offset": offset}
    return {"type": "subscribe", "channel": "c", **place, **fields}


def publication(offset: int | None, epoch: str = "e") -> dict[str, Any]:
    place = {} if offset is None else {"epoch": epoch, "offset": offset}
    return {"type": "t", "channel": "c", "data": offset, **place}


def joined(*subscribers: Subscriber, offset: int | None = 0) -> Feed:
    feed = Feed("c", list(subscribers))
    feed.join(reply(offset), None)
    return feed


def test_a_subscription_is_let_in_once_the_hub_answers() -> None:
    """Who comes later begins with what comes then."""
    one, two = subscriber(), subscriber()
    feed = Feed("c", [one])
    feed.receive(publication(7), 1)
    assert not one.begun
    feed.join(reply(7), None)
    feed.receive(publication(8), 1)
    feed.add(two)
    feed.receive(publication(9), 1)
    assert (read(one), read(two)) == ([8, 9], [9])


def test_what_a_channel_rewinds_to_is_taken() -> None:
    """It is older than the reply's position; what follows it joins without a gap."""
    one = subscriber()
    feed = Feed("c", [one])
    feed.join(reply(7, replayed=2), None)
    for offset in (6, 7, 8):
        feed.receive(publication(offset), 1)
    assert (read(one), feed.since()) == ([6, 7, 8], Position("e", 8))


def test_it_goes_on_where_it_was() -> None:
    """With the position of the last delivery, when the hub proves that nothing is missing."""
    one = subscriber()
    feed = joined(one)
    feed.receive(publication(1), 1)
    feed.lost()
    assert feed.command(feed.since())["since"] == {"epoch": "e", "offset": 1}
    feed.join(reply(3, recovered=True, replayed=2), feed.since())
    for offset in (2, 3):
        feed.receive(publication(offset), 1)
    assert read(one) == [1, 2, 3]


def test_what_cannot_be_recovered_is_a_gap_for_who_was_here() -> None:
    """And for nobody else; what history holds comes behind it."""
    one, two = subscriber(), subscriber()
    feed = joined(one, offset=5)
    feed.lost()
    since = feed.since()
    feed.add(two)
    feed.join(reply(2, "f", recovered=False, replayed=2), since)
    for offset in (1, 2, 3):
        feed.receive(publication(offset, "f"), 1)
    assert (read(one), read(two)) == (["gap", 1, 2, 3], [3])
    assert feed.since() == Position("f", 3)


def test_a_break_while_it_replays_is_no_second_gap() -> None:
    """It asks for all that history holds again."""
    one = subscriber()
    feed = joined(one, offset=5)
    feed.lost()
    feed.join(reply(2, "f", recovered=False, replayed=2), feed.since())
    feed.lost()
    assert feed.since() == START
    feed.join(reply(2, "f", recovered=False, replayed=2), START)
    for offset in (1, 2):
        feed.receive(publication(offset, "f"), 1)
    assert read(one) == ["gap", 1, 2]


def test_a_break_on_a_channel_without_history_is_a_gap() -> None:
    """Nobody can know whether something was missed."""
    one = subscriber()
    feed = joined(one, offset=None)
    feed.lost()
    assert feed.since() is None
    feed.join(reply(None), None)
    assert read(one) == ["gap"]


def test_who_lags_asks_for_nothing() -> None:
    """It reads history later."""
    one = subscriber(limit=1)
    feed = joined(one)
    for offset in (1, 2):
        feed.receive(publication(offset), 1)
    feed.lost()
    assert feed.since() is None
    feed.join(reply(9), None)
    assert (read(one), one.buffer.lagging) == ([1], True)


def test_how_many_are_missing_where_it_can_be_counted() -> None:
    """History reaches back too little, in the same epoch."""
    one = subscriber()
    feed = joined(one, offset=10)
    feed.lost()
    feed.join(reply(100, recovered=False, replayed=50), feed.since())
    gap = one.buffer.pop()
    assert isinstance(gap, Gap)
    assert gap.missing == 40


def test_notices() -> None:
    """Positions, gaps, and presence for who asked."""
    one, two = subscriber(), subscriber(presence=True)
    feed = joined(one, two)
    feed.receive({"type": "position", "channel": "c", "epoch": "e", "offset": 1}, 1)
    feed.receive({"type": "gap", "channel": "c", "epoch": "e", "offset": 4, "timestamp": ""}, 1)
    feed.receive({"type": "presence", "channel": "c", "event": "join", "client": {"client_id": "bob"}}, 1)
    feed.receive(publication(5), 1)
    assert (read(one), read(two)) == (["gap", 5], ["gap", "bob", 5])
    assert feed.since() == Position("e", 5)


def test_options_on_the_wire_serve_all() -> None:
    """Presence when one wants it; an interval only when all take one, and then the shortest."""
    feed = Feed("c", [subscriber(interval_ms=500), subscriber(presence=True, interval_ms=200)])
    assert feed.command(None) == {"action": "subscribe", "channel": "c", "presence": True, "interval_ms": 200}
    feed.subscribers.append(subscriber())
    assert "interval_ms" not in feed.command(None)


def test_an_error_ends_all() -> None:
    """Each is told."""
    errors: list[HubError] = []
    one = subscriber()
    one.failed = errors.append
    Feed("c", [one]).fail(HubError("x", "y"))
    assert [error.code for error in errors] == ["x"]
