"""A subscription's queue: order, bounds, and gaps in their places."""

from __future__ import annotations

from tocsin_client.buffer import Buffer
from tocsin_client.model import START, Gap, History, Joined, Member, Message, Position


def message(offset: int | None, epoch: str = "e", key: str | None = None) -> Message:
    return Message("c", "t", offset, "", None if offset is None else Position(epoch, offset), key)


def page(*offsets: int, top: int, epoch: str = "e") -> History:
    return History(tuple(message(offset, epoch) for offset in offsets), Position(epoch, top), None)


class Reader:
    """A buffer, and what was read of it."""

    def __init__(self, start: Position | None = None, limit: int = 10, limit_bytes: int = 10_000) -> None:
        self.gaps: list[Gap] = []
        self.woken = 0
        self.buffer = Buffer("c", limit, limit_bytes, start, self.gaps.append)
        self.buffer.wake = self._wake

    def _wake(self) -> None:
        self.woken += 1

    def take(self, *offsets: int | None, epoch: str = "e", size: int = 1) -> None:
        for offset in offsets:
            self.buffer.take(message(offset, epoch), size)

    def read(self) -> list[object]:
        """Empty it; gaps are shown by how many are missing."""
        events = iter(self.buffer.pop, None)
        return [event.data if isinstance(event, Message) else ("gap", getattr(event, "missing", 0)) for event in events]


def begun(top: int = 0, **options: int) -> Reader:
    reader = Reader(None, **options)
    reader.buffer.begin(Position("e", top))
    return reader


def test_messages_in_order_each_once() -> None:
    """What comes again is left out."""
    reader = begun()
    reader.take(1, 2, 2, 1, 3)
    assert reader.read() == [1, 2, 3]
    assert reader.woken == 3


def test_a_skipped_offset_is_read_from_history() -> None:
    """Before anything newer; what is delivered meanwhile comes behind it."""
    reader = begun()
    reader.take(1, 4, 5)
    assert reader.read() == [1]
    assert reader.buffer.lagging
    reader.buffer.fill(page(2, 3, 4, top=6), Position("e", 5))
    assert reader.buffer.lagging
    reader.buffer.fill(page(5, 6, top=6), Position("e", 6))
    reader.take(6, 7)
    assert reader.read() == [2, 3, 4, 5, 6, 7]
    assert reader.gaps == []


def test_where_keys_replace_offsets_may_skip() -> None:
    """On a conflated channel that is no fault."""
    reader = begun()
    reader.buffer.take(message(1, key="a"), 1)
    reader.buffer.take(message(9, key="a"), 1)
    assert reader.read() == [1, 9]


def test_a_full_queue_lags_and_catches_up() -> None:
    """By count and by bytes; nothing is lost."""
    for reader in (begun(limit=2), begun(limit_bytes=20)):
        reader.take(1, 2, 3, 4, size=10)
        assert reader.read() == [1, 2]
        reader.buffer.fill(page(3, 4, top=4), Position("e", 4))
        assert reader.read() == [3, 4]
        reader.take(5)
        assert reader.read() == [5]


def test_a_message_over_the_bound_is_taken_alone() -> None:
    """Or it could never be read."""
    reader = begun(limit_bytes=5)
    reader.take(1, size=100)
    assert reader.read() == [1]


def test_what_history_has_lost_is_a_gap() -> None:
    """How many, and in its place."""
    reader = begun()
    reader.take(1, 5)
    reader.buffer.fill(page(4, 5, top=5), Position("e", 5))
    assert reader.read() == [1, ("gap", 2), 4, 5]
    assert [(gap.after, gap.missing) for gap in reader.gaps] == [(Position("e", 1), 2)]
    reader.take(9)
    reader.buffer.fill(page(top=9), Position("e", 9))
    reader.take(10)
    assert reader.read() == [("gap", 4), 10]


def test_another_epoch_is_a_gap_and_all_that_there_is() -> None:
    """The stream was begun anew while we were here."""
    reader = begun(7)
    reader.take(1, epoch="f")
    reader.buffer.fill(page(1, 2, top=2, epoch="f"), Position("f", 1))
    assert (reader.buffer.position, reader.buffer.lagging) == (START, True)
    reader.buffer.fill(page(1, 2, top=2, epoch="f"), Position("f", 1))
    reader.take(2, 3, epoch="f")
    assert reader.read() == [("gap", None), 1, 2, 3]


def test_from_the_start() -> None:
    """All that history holds, which is no gap; an empty one, too."""
    reader = Reader(START)
    reader.buffer.begin(Position("e", 9))
    reader.buffer.fill(page(8, 9, top=9), Position("e", 9))
    assert (reader.read(), reader.gaps) == ([8, 9], [])
    empty = Reader(START)
    empty.buffer.fill(page(top=0), None)
    empty.take(1)
    assert empty.read() == [1]


def test_positions_without_publications() -> None:
    """What was withheld is taken as seen; what the hub has lost is a gap."""
    reader = begun()
    reader.buffer.move(Position("e", 1))
    reader.take(2)
    reader.buffer.overtaken(Position("e", 6))
    reader.buffer.overtaken(Position("e", 3))
    reader.take(7)
    assert reader.read() == [2, ("gap", 4), 7]
    reader.buffer.move(Position("e", 9))
    assert reader.buffer.lagging


def test_without_positions_the_lost_are_counted() -> None:
    """As long as the link holds; after a break nobody knows."""
    reader = Reader(None, limit=1)
    reader.buffer.begin(None)
    reader.take(None, None, None)
    reader.read()
    reader.buffer.count_lost()
    assert reader.read() == [("gap", 2)]
    reader.take(None, None)
    reader.buffer.interrupted()
    reader.read()
    reader.buffer.count_lost()
    assert reader.gaps[-1].missing is None


def test_a_position_on_a_channel_without_history() -> None:
    """Can't be recovered from; all that there is, is nothing."""
    reader = Reader(Position("e", 3))
    reader.buffer.begin(None)
    start = Reader(START)
    start.buffer.begin(None)
    assert (reader.read(), start.read()) == ([("gap", None)], [])
    assert not start.buffer.lagging


def test_gaps_that_meet_are_one() -> None:
    """A queue that nobody reads doesn't grow by them."""
    reader = begun()
    reader.buffer.overtaken(Position("e", 2))
    reader.buffer.overtaken(Position("e", 5))
    assert reader.read() == [("gap", 5)]
    assert len(reader.gaps) == 2


def test_notices_are_not_kept_for_later() -> None:
    """They take room like messages, and are left out when there is none."""
    reader = begun(limit=1)
    event = Joined("c", Member("a", None, "s"), "")
    reader.buffer.notice(event)
    reader.buffer.notice(event)
    assert reader.buffer.pop() is event
    assert len(reader.buffer) == 0
