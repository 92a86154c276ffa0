"""What a feed makes of a server that comes back with an older copy of its data, without a server."""

from __future__ import annotations

from collections.abc import Sequence

from channels.model import Gap, Position
from channels.redis.body import Arrival, Reading
from channels.redis.feed import Feed, Heard, Step


def arrival(offset: int, epoch: str = "e1", mark: int | None = None, ends: int | None = None) -> Arrival:
    """A publication; it ends by its offset, and its mark follows from that, unless they are given."""
    body = b'["event","2026-11-21T10:15:00.000000Z",null,null]\n' + b"%d" % offset
    return Arrival(epoch, offset, offset + 1000 if mark is None else mark, ends or offset * 10, body)


def reading(top: int, entries: list[Arrival], epoch: str = "e1", mark: int | None = None) -> Reading:
    return Reading(Position(epoch, top), 0, mark, entries)


def settle(feed: Feed, found: Reading, full: bool = False) -> list[Step] | None:
    return feed.settle(found, full, feed.last)


def following(*offsets: int, since: int = 0) -> Feed:
    """A feed that began at a position, knows the publication there, and has heard some."""
    feed = Feed("a", 100)
    settle(feed, reading(since, [arrival(since)] if since else []))
    for offset in offsets:
        feed.hear(arrival(offset))
    return feed


def offsets(steps: Sequence[Step] | None) -> list[int]:
    assert steps is not None
    return [s.publication.position.offset for s in steps if isinstance(s, Heard) and s.publication.position]


def test_what_came_before_following_is_not_delivered_by_a_new_epoch() -> None:
    """It is history, of the new epoch as it was of the old one; and nothing is skipped in silence."""
    feed = following(24, 25, since=23)
    restored = [arrival(n, "e2") for n in range(1, 25)] + [arrival(25, "e2", mark=7, ends=900)]
    steps = settle(feed, reading(25, restored, "e2"), full=True)
    assert steps is not None
    assert steps[0] == Gap("a", Position("e1", 25), Position("e2", 24))
    assert offsets(steps) == [25]


def test_a_copy_from_before_following_is_known_by_its_time() -> None:
    """No mark of it was heard here; it was published before what was."""
    feed = following(24, since=23)
    restored = [arrival(n, "e2") for n in (8, 9)] + [arrival(n, "e2", mark=n, ends=900 + n) for n in (10, 11)]
    steps = settle(feed, reading(11, restored, "e2"), full=True)
    assert steps is not None
    assert steps[0] == Gap("a", Position("e1", 24), Position("e2", 9))
    assert offsets(steps) == [10, 11]


def test_what_was_delivered_is_known_after_a_second_loss_too() -> None:
    """The marks of what is still there outlive a change of the epoch."""
    feed = following(1, 2, 3)
    settle(feed, reading(2, [arrival(1, "e2"), arrival(2, "e2")], "e2"), full=True)
    assert offsets(feed.hear(arrival(3, "e2", mark=7, ends=900))) == [3]
    twice_restored = [arrival(1, "e3"), arrival(2, "e3"), arrival(3, "e3", mark=8, ends=950)]
    steps = settle(feed, reading(3, twice_restored, "e3"), full=True)
    assert steps is not None
    assert steps[0] == Gap("a", Position("e2", 3), Position("e3", 2))
    assert offsets(steps) == [3]


def test_a_loss_is_found_out_though_nothing_was_heard() -> None:
    """The newest publication at the time of following is known again, or isn't there."""
    feed = following(since=23)
    assert settle(feed, reading(25, [arrival(24), arrival(25)], mark=7)) is None


def test_after_a_lost_link_nothing_is_delivered_before_a_reading() -> None:
    """An older copy may have grown until its next offset follows ours by chance."""
    feed = following(1, 2, 3)
    feed.doubt()
    assert feed.hear(arrival(4, mark=7)) == []
    assert settle(feed, reading(4, [arrival(4, mark=7)], mark=5)) is None
    steps = settle(feed, reading(4, [arrival(1, "e2"), *(arrival(n, "e2", 2 + n, 900) for n in (2, 3, 4))], "e2"), True)
    assert steps is not None
    assert steps[0] == Gap("a", Position("e1", 3), Position("e2", 1))
    assert offsets(steps) == [2, 3, 4]


def test_when_nothing_was_lost_doubt_costs_one_reading() -> None:
    """What was heard meanwhile comes with it."""
    feed = following(1, 2, 3)
    feed.doubt()
    feed.hear(arrival(5))
    assert offsets(settle(feed, reading(5, [arrival(4), arrival(5)], mark=1003))) == [4, 5]
    assert not feed.wants_reading
    assert offsets(feed.hear(arrival(6))) == [6]


def test_what_waits_for_an_epoch_that_is_past_waits_for_one_more_reading_only() -> None:
    """It may be newer than the first reading, but not than one that was asked for later."""
    feed = following(1)
    feed.hear(arrival(9, "e0"))
    wanted = []
    for _ in range(2):
        assert settle(feed, reading(1, [], mark=1001)) == []
        wanted.append(feed.wants_reading)
    assert wanted == [True, False]
