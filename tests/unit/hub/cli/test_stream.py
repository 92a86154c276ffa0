"""One channel's positions, gaps and recoveries."""

from __future__ import annotations

from typing import Any

import pytest

from channels.model import START, Position
from hub.cli.stream import Gap, Repeated, Stream, position_of


def reply(epoch: str | None = "e", offset: int = 0, **fields: Any) -> dict[str, Any]:
    top = {} if epoch is None else {"epoch": epoch, "offset": offset}
    return {"type": "subscribe", "channel": "c", "status": "success", "subscribers": 1, **top, **fields}


def message(offset: int, epoch: str = "e", **fields: Any) -> dict[str, Any]:
    return {"type": "t", "channel": "c", "data": 1, "epoch": epoch, "offset": offset, **fields}


def test_a_new_subscription_asks_for_nothing_and_goes_on_from_the_top() -> None:
    """Without a start, what is there already is of no interest, and the next offset must follow the top."""
    stream = Stream("c")
    assert stream.since() is None
    joined, gap = stream.join(reply(offset=7))
    assert (joined.position, joined.asked, joined.recovered, gap) == (Position("e", 7), None, None, None)
    assert stream.receive(message(8)) is None
    assert stream.since() == {"epoch": "e", "offset": 8}


def test_a_skipped_offset_is_a_gap() -> None:
    """The missing publications are counted, and the stream goes on behind them."""
    stream = Stream("c")
    stream.join(reply(offset=1))
    assert stream.receive(message(5)) == Gap("c", Position("e", 1), Position("e", 5), 3)
    assert stream.receive(message(6)) is None


def test_offsets_of_a_conflated_channel_may_skip() -> None:
    """A publication with a key may stand for several."""
    stream = Stream("c")
    stream.join(reply(offset=1))
    assert stream.receive(message(5, key="k")) is None


@pytest.mark.parametrize("offset", [1, 2, 3])
def test_an_offset_that_was_seen_is_a_repetition(offset: int) -> None:
    """Each publication comes at most once, keyed or not; the position doesn't go back."""
    stream = Stream("c")
    stream.join(reply(offset=3))
    assert stream.receive(message(offset, key="k")) == Repeated("c", Position("e", 3), Position("e", offset))
    assert stream.position == Position("e", 3)


def test_another_epoch_is_a_gap_of_unknown_size() -> None:
    """A stream that began anew may have lost something."""
    stream = Stream("c")
    stream.join(reply(offset=3))
    assert stream.receive(message(1, epoch="f")) == Gap("c", Position("e", 3), Position("f", 1), None)
    assert stream.receive(message(2, epoch="f")) is None


def test_a_recovery_goes_on_from_where_the_client_was() -> None:
    """After `recovered: true` the replay begins right behind the last position."""
    stream = Stream("c", Position("e", 3))
    assert stream.since() == {"epoch": "e", "offset": 3}
    joined, gap = stream.join(reply(offset=5, recovered=True, replayed=2))
    assert (joined.recovered, joined.replayed, gap) == (True, 2, None)
    assert stream.receive(message(4)) is None
    assert stream.receive(message(6)) == Gap("c", Position("e", 4), Position("e", 6), 1)


def test_a_connection_lost_within_a_replay_goes_on_behind_its_last_publication() -> None:
    """What was replayed is not asked for again, and what wasn't is."""
    stream = Stream("c", Position("e", 3))
    stream.join(reply(offset=9, recovered=True, replayed=6))
    stream.receive(message(4))
    assert stream.since() == {"epoch": "e", "offset": 4}


def test_a_failed_recovery_is_a_gap_and_takes_what_history_holds() -> None:
    """The replay may begin anywhere; from there on offsets follow each other."""
    stream = Stream("c", Position("e", 3))
    _, gap = stream.join(reply("f", 20, recovered=False, replayed=2))
    assert gap == Gap("c", Position("e", 3), Position("f", 20), None)
    assert stream.receive(message(19, "f")) is None
    assert stream.receive(message(21, "f")) == Gap("c", Position("f", 19), Position("f", 21), 1)


def test_a_failed_recovery_without_a_replay_goes_on_from_the_top() -> None:
    """Nothing is left of the past, so the next one is the first of the future."""
    stream = Stream("c", Position("e", 3))
    stream.join(reply("f", 20, recovered=False, replayed=0))
    assert stream.receive(message(22, "f")) == Gap("c", Position("f", 20), Position("f", 22), 1)


def test_a_connection_lost_before_a_failed_recovery_was_replayed_asks_for_all() -> None:
    """What history holds is still wanted; the gap has been told."""
    stream = Stream("c", Position("e", 3))
    stream.join(reply("f", 20, recovered=False, replayed=2))
    assert stream.since() == {"offset": 0}
    assert stream.join(reply("f", 20, recovered=False, replayed=2))[1] is None


def test_from_the_start_a_whole_history_begins_with_the_first() -> None:
    """When nothing has been dropped yet, offset 1 must come first."""
    stream = Stream("c", START)
    assert stream.since() == {"offset": 0}
    joined, gap = stream.join(reply(offset=2, recovered=True, replayed=2))
    assert (joined.asked, gap) == (START, None)
    assert stream.receive(message(2)) == Gap("c", Position("e", 0), Position("e", 2), 1)


def test_from_the_start_a_trimmed_history_is_no_gap() -> None:
    """All that history holds was asked for, and came."""
    stream = Stream("c", START)
    joined, gap = stream.join(reply(offset=200, recovered=False, replayed=100))
    assert (joined.recovered, gap) == (False, None)
    assert stream.receive(message(101)) is None
    assert stream.receive(message(103)) == Gap("c", Position("e", 101), Position("e", 103), 1)


def test_without_history_a_new_connection_is_a_gap() -> None:
    """Nothing can prove that nothing was missed."""
    stream = Stream("c")
    assert stream.join(reply(None))[1] is None
    assert stream.receive({"type": "t", "channel": "c", "data": 1}) is None
    assert stream.since() is None
    assert stream.join(reply(None))[1] == Gap("c", None, None, None)


def test_a_start_on_a_channel_without_history_is_a_gap() -> None:
    """Whoever named a position wanted what came after it."""
    stream = Stream("c", Position("e", 3))
    assert stream.join(reply(None, recovered=False))[1] == Gap("c", Position("e", 3), None, None)
    assert stream.position is None


def test_counts_that_are_none_are_nought() -> None:
    """A hub that says nonsense breaks nothing here."""
    joined, _ = Stream("c").join(reply(replayed="many", subscribers=None))
    assert (joined.replayed, joined.subscribers) == (0, 0)


@pytest.mark.parametrize(
    "fields", [{"epoch": "e"}, {"offset": 3}, {"epoch": 1, "offset": 3}, {"epoch": "e", "offset": "3"}]
)
def test_half_a_position_is_none(fields: dict[str, Any]) -> None:
    """A position has an epoch and an offset."""
    assert position_of(fields) is None
