"""One followed channel: order, repetition, gaps and other epochs, without a server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from channels.model import Gap, Position
from channels.redis.body import Arrival, Reading
from channels.redis.feed import Feed, Heard, Mark, Step, continues

ENDS = 10_000_000


def arrival(offset: int, epoch: str = "e1", mark: int | None = None) -> Arrival:
    """A publication as Redis has it; its mark follows from its place unless one is given."""
    body = b'["event","2026-11-21T10:15:00.000000Z",null,null]\n' + b"%d" % offset
    return Arrival(epoch, offset, offset + 1000 if mark is None else mark, ENDS, body)


def reading(top: int, entries: Iterable[int | Arrival] = (), epoch: str = "e1", mark: int | None = None) -> Reading:
    arrivals = [entry if isinstance(entry, Arrival) else arrival(entry, epoch) for entry in entries]
    return Reading(Position(epoch, top), 0, mark, arrivals)


def settle(feed: Feed, found: Reading, full: bool = False) -> list[Step] | None:
    """Read with nothing heard meanwhile."""
    return feed.settle(found, full, feed.last)


def following(top: int = 0, epoch: str = "e1", keep: int = 100) -> Feed:
    """A feed that has begun to follow at a position."""
    feed = Feed("a", keep)
    assert settle(feed, reading(top, epoch=epoch), full=False) == []
    return feed


def offsets(steps: Sequence[Step] | None) -> list[int]:
    assert steps is not None
    return [s.publication.position.offset for s in steps if isinstance(s, Heard) and s.publication.position]


def wants_reading(feed: Feed) -> bool:
    return feed.wants_reading


def is_complete(feed: Feed) -> bool:
    return feed.complete


def top(feed: Feed) -> Position | None:
    return None if feed.stream is None else feed.stream.top


def kept(feed: Feed) -> list[int]:
    assert feed.stream is not None
    return [p.position.offset for _, p in feed.stream.entries if p.position]


def gaps(steps: Sequence[Step] | None) -> list[Gap]:
    assert steps is not None
    return [step for step in steps if isinstance(step, Gap)]


def test_at_first_nothing_is_known() -> None:
    """What comes before the first reading waits, since its place can't be judged."""
    feed = Feed("a", 100)
    assert feed.wants_reading
    assert feed.hear(arrival(5)) == []
    assert top(feed) is None
    assert not feed.begun.is_set()


def test_following_begins_behind_the_top() -> None:
    """What was published before is history's; what is newer than the reading is delivered with it."""
    feed = Feed("a", 100)
    for offset in (4, 5, 6, 7):
        feed.hear(arrival(offset))
    assert offsets(settle(feed, reading(5), full=False)) == [6, 7]
    assert feed.begun.is_set()
    assert not feed.wants_reading
    assert top(feed) == Position("e1", 7)


def test_what_rises_by_one_is_delivered_at_once() -> None:
    """With its data, position and mark."""
    feed = following()
    (heard,) = feed.hear(arrival(1))
    assert (heard.publication.position, heard.publication.data, heard.mark) == (Position("e1", 1), b"1", 1001)
    assert not heard.healed
    assert offsets(feed.hear(arrival(2))) == [2]
    assert not feed.wants_reading


def test_what_was_delivered_is_not_delivered_again() -> None:
    """A reading brings what is still on its way; it is ignored when it comes."""
    feed = following()
    assert offsets(settle(feed, reading(3, [1, 2, 3]), full=False)) == [1, 2, 3]
    assert [offsets(feed.hear(arrival(offset))) for offset in (1, 2, 3, 4)] == [[], [], [], [4]]


def test_a_gap_is_healed_from_history() -> None:
    """What is ahead waits for the reading, and comes after it, once. What was read is counted as healed."""
    feed = following()
    feed.hear(arrival(1))
    assert feed.hear(arrival(4)) == []
    assert feed.hear(arrival(5)) == []
    assert wants_reading(feed)
    steps = settle(feed, reading(6, [2, 3, 4, 5, 6], mark=1001), full=False)
    assert offsets(steps) == [2, 3, 4, 5, 6]
    assert [
        s.publication.position.offset
        for s in steps or ()
        if isinstance(s, Heard) and s.healed and s.publication.position
    ] == [2, 3, 6]
    assert not feed.wants_reading
    assert feed.hear(arrival(6)) == []


def test_what_comes_after_the_reading_waits_no_longer() -> None:
    """It was heard while the reading was on its way."""
    feed = following()
    feed.hear(arrival(3))
    feed.hear(arrival(4))
    assert offsets(settle(feed, reading(2, [1, 2]), full=False)) == [1, 2, 3, 4]


def test_what_is_still_ahead_after_a_reading_wants_another() -> None:
    """Something was lost after the reading, too."""
    feed = following()
    feed.hear(arrival(2))
    feed.hear(arrival(9))
    assert offsets(settle(feed, reading(3, [1, 2, 3]), full=False)) == [1, 2, 3]
    assert feed.wants_reading
    assert offsets(settle(feed, reading(9, [4, 5, 6, 7, 8, 9]), full=False)) == [4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("ahead", "kept", "top", "expected", "lost"),
    [
        pytest.param([], [5, 6], 6, [5, 6], [(2, 4)], id="the beginning is gone"),
        pytest.param([], [], 6, [], [(2, 6)], id="all is gone"),
        pytest.param([5, 6], [], 6, [5, 6], [(2, 4)], id="what was heard is not lost, though history has ended"),
        pytest.param([4, 6], [], 7, [4, 6], [(2, 3), (4, 5), (6, 7)], id="each hole by itself"),
        pytest.param([4], [5], 5, [4, 5], [(2, 3)], id="heard and read together"),
    ],
)
def test_what_is_kept_nowhere_is_announced(
    ahead: list[int], kept: list[int], top: int, expected: list[int], lost: list[tuple[int, int]]
) -> None:
    """Before what follows it, with both ends."""
    feed = following(2)
    for offset in ahead:
        feed.hear(arrival(offset))
    steps = settle(feed, reading(top, kept), full=False)
    assert offsets(steps) == expected
    assert gaps(steps) == [Gap("a", Position("e1", a), Position("e1", b)) for a, b in lost]
    assert offsets(feed.hear(arrival(top + 1))) == [top + 1]


def test_another_epoch_needs_a_full_reading() -> None:
    """The stream was begun anew: the old one's end is unknown, so a gap comes first, then all of the new one."""
    feed = following()
    feed.hear(arrival(1))
    assert feed.hear(arrival(2, "e2", 8)) == []
    assert settle(feed, reading(2, [arrival(2, "e2", 8)], "e2"), full=False) is None
    steps = settle(feed, reading(2, [arrival(1, "e2", 7), arrival(2, "e2", 8)], "e2"), full=True)
    assert steps is not None
    assert steps[0] == Gap("a", Position("e1", 1), Position("e2", 0))
    assert offsets(steps) == [1, 2]
    assert feed.complete
    assert offsets(feed.hear(arrival(3, "e2"))) == [3]


def test_an_empty_epoch_is_a_gap_too() -> None:
    """Redis came back without its data, and nothing has been published since."""
    feed = following(7)
    steps = settle(feed, reading(0, epoch="e2"), full=True)
    assert steps == [Gap("a", Position("e1", 7), Position("e2", 0))]
    assert offsets(feed.hear(arrival(1, "e2"))) == [1]


@pytest.mark.parametrize("top", [3, 5, 9])
def test_a_server_that_lost_publications_is_found_out(top: int) -> None:
    """Its top is below ours, or our last publication's place is taken by another one: the mark tells."""
    feed = following()
    for offset in range(1, 6):
        feed.hear(arrival(offset))
    rolled_back = reading(top, [arrival(n, mark=n) for n in range(6, top + 1)], mark=5 if top >= 5 else None)
    assert not continues(rolled_back, feed.last)
    assert settle(feed, rolled_back, full=False) is None


def test_after_a_loss_on_the_server_only_the_unknown_is_delivered() -> None:
    """Under a new epoch; what was delivered before the loss, and is still there, is not repeated."""
    feed = following()
    for offset in range(1, 6):
        feed.hear(arrival(offset))
    kept = [arrival(n, "e2") for n in (1, 2, 3)] + [arrival(n, "e2", mark=n) for n in (4, 5, 6)]
    steps = settle(feed, reading(6, kept, "e2"), full=True)
    assert steps is not None
    assert steps[0] == Gap("a", Position("e1", 5), Position("e2", 3))
    assert offsets(steps) == [4, 5, 6]
    assert feed.stream is not None
    assert [p.position for _, p in feed.stream.entries] == [Position("e2", n) for n in range(1, 7)]


def test_a_full_reading_puts_the_past_before_what_was_heard() -> None:
    """So that history is answered from here. What was heard is neither read twice nor lost."""
    feed = following(3)
    feed.hear(arrival(4))
    assert not is_complete(feed)
    assert offsets(settle(feed, reading(5, [1, 2, 3, 4, 5], mark=1004), full=True)) == [5]
    assert feed.complete
    assert kept(feed) == [1, 2, 3, 4, 5]


def test_no_more_is_kept_than_the_channel_keeps() -> None:
    """The newest, of what was read and of what was heard."""
    feed = following(5, keep=3)
    settle(feed, reading(5, [1, 2, 3, 4, 5]), full=True)
    assert kept(feed) == [3, 4, 5]
    feed.hear(arrival(6))
    assert kept(feed) == [4, 5, 6]


@pytest.mark.parametrize(("keep", "complete"), [(2, True), (3, True), (4, False)])
def test_who_wants_to_keep_more_has_to_read_again(keep: int, complete: bool) -> None:
    """What was dropped may still be in Redis."""
    feed = following(5, keep=3)
    settle(feed, reading(5, [1, 2, 3, 4, 5]), full=True)
    feed.resize(keep)
    assert feed.complete is complete


def test_after_a_gap_the_tail_has_no_hole() -> None:
    """What is before the gap is dropped, so recovery from there is refused, not wrong."""
    feed = following()
    feed.hear(arrival(1))
    settle(feed, reading(9, [8, 9]), full=False)
    assert feed.stream is not None
    assert not feed.stream.read(Position("e1", 1), 100, False).recovered
    assert feed.stream.read(Position("e1", 7), 100, False).recovered


def test_a_reading_that_is_older_than_what_was_heard_is_no_loss() -> None:
    """While it was on its way, more came: its top is below ours, which is nothing to worry about."""
    feed = following()
    feed.hear(arrival(1))
    last = feed.last
    for offset in (2, 3, 4):
        feed.hear(arrival(offset))
    assert feed.settle(reading(2, [2], mark=1001), full=False, last=last) == []
    assert offsets(feed.hear(arrival(5))) == [5]
    assert feed.settle(reading(2, [1, 2], mark=1001), full=True, last=last) == []
    assert kept(feed) == [1, 2, 3, 4, 5]


def test_the_last_is_known_by_its_mark_only_if_it_was_heard() -> None:
    """Who begins to follow knows the top's place, but not the publication there."""
    feed = Feed("a", 100)
    assert feed.last == Mark("", 0, None)
    feed = following(5)
    assert feed.last == Mark("e1", 5, None)
    feed.hear(arrival(6))
    assert feed.last == Mark("e1", 6, 1006)
