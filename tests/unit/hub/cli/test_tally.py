"""Counting what came, and holding it against what was expected."""

from __future__ import annotations

from typing import Any

from channels.model import START, Position
from hub.cli.follow import Arrived
from hub.cli.stream import Gap, Joined, Repeated
from hub.cli.tally import Tally, gap, repetition, show


def arrived(channel: str, offset: int | None = None) -> Arrived:
    position: dict[str, Any] = {} if offset is None else {"epoch": "e", "offset": offset}
    return Arrived({"type": "t", "channel": channel, "data": 1, **position})


def tally_of(expected: int, *events: Any) -> Tally:
    tally = Tally(expected)
    for event in events:
        tally.count(event)
    return tally


GAP = Gap("c", Position("e", 2), Position("e", 5), 2)
REPEATED = Repeated("c", Position("e", 5), Position("e", 4))


def test_an_expectation_is_met_by_enough_messages() -> None:
    """Whatever channels they come from; not before the last one."""
    tally = tally_of(2, arrived("a", 1))
    assert (tally.is_settled, tally.is_met) == (False, False)
    tally.count(arrived("b", 1))
    assert (tally.is_settled, tally.is_met) == (True, True)


def test_a_fault_settles_an_expectation_at_once() -> None:
    """It can't be met any more, so there is nothing to wait for."""
    for fault in (GAP, REPEATED):
        tally = tally_of(2, fault, arrived("c", 5), arrived("c", 6))
        assert (tally.is_settled, tally.is_met) == (True, False)


def test_without_an_expectation_nothing_is_ever_settled() -> None:
    """A plain tail goes on after a gap."""
    assert not tally_of(0, GAP, arrived("c", 5)).is_settled


def test_what_is_missing_is_named_per_channel() -> None:
    """How many came, up to where, and what was wrong."""
    joined = [Joined(name, 1, Position("e", 7), None, None, 0) for name in ("a", "b")]
    tally = tally_of(3, *joined, arrived("a", 8), arrived("a"), GAP)
    assert tally.missing() == [
        "expected 3 messages in order and without a gap, got 2",
        "a: 2 messages, last position e:8",
        "b: 0 messages, last position e:7",
        "c: gap: 2 publications missing between e:2 and e:5",
    ]


def test_the_summary_is_one_line() -> None:
    """In the singular where there is one."""
    tally = tally_of(0, arrived("a", 1), GAP)
    tally.reconnects = 2
    assert tally.summary() == "1 message, 1 gap, 2 reconnects"
    assert tally_of(0, REPEATED).summary() == "0 messages, 0 gaps, 1 repetition, 0 reconnects"


def test_positions_are_written_as_they_are_read() -> None:
    """`--since` takes what is printed."""
    assert show(Position("p3kq9x", 42)) == "p3kq9x:42"
    assert (show(START), show(None)) == ("the start", "the start")


def test_faults_in_words() -> None:
    """What is known of them, and no more."""
    assert gap(Gap("c", Position("e", 2), Position("f", 1), None)).endswith("may be missing between e:2 and f:1")
    assert "keeps no history" in gap(Gap("c", None, None, None))
    assert gap(Gap("c", Position("e", 1), Position("e", 3), 1)) == "c: gap: 1 publication missing between e:1 and e:3"
    assert repetition(REPEATED) == "c: e:4 came after e:5"
