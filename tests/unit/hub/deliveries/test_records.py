"""What is remembered of a session."""

from __future__ import annotations

import orjson
import pytest

from channels.model import Position
from hub.deliveries.records import Hole, Refusal, SessionRecord, Stay, as_json, session_of


def at(text: str) -> Position:
    """Write `a7` for offset 7 of epoch a."""
    return Position(text[0], int(text[1:]))


@pytest.mark.parametrize(
    ("begin", "end", "sent", "unsent"),
    [
        ("a3", "a7", ["a4", "a7"], ["a3", "a8", "b5"]),
        ("a3", "a3", [], ["a3", "a4"]),
        ("a3", "b2", ["a4", "a9", "b1", "b2"], ["a3", "b3", "c1"]),
    ],
)
def test_what_was_sent_lies_between_two_positions(begin: str, end: str, sent: list[str], unsent: list[str]) -> None:
    """Also when the stream was begun anew meanwhile."""
    stay = Stay("news", 1.0, at(begin), end=at(end))
    assert [text for text in (*sent, *unsent) if stay.was_sent(at(text))] == sent


def test_without_positions_nothing_can_be_told() -> None:
    """A channel without history has none."""
    assert not Stay("news", 1.0, None).was_sent(at("a1"))
    assert not Stay("news", 1.0, at("a3")).was_replayed(at("a3"))


def test_what_was_replayed() -> None:
    """In the epoch in which the session came."""
    stay = Stay("news", 1.0, at("a7"), replayed=(5, 7))
    assert [offset for offset in range(10) if stay.was_replayed(Position("a", offset))] == [5, 6, 7]
    assert not stay.was_replayed(at("b6"))


@pytest.mark.parametrize(
    ("after", "until", "inside", "outside"),
    [
        ("a3", "a7", ["a4", "a7"], ["a3", "a8", "b5"]),
        (None, "a7", ["a1", "a7"], ["a8", "b1"]),
        ("a3", "b2", ["a4", "b1", "b2"], ["a3", "b3"]),
    ],
)
def test_what_lies_in_a_gap(after: str | None, until: str, inside: list[str], outside: list[str]) -> None:
    """As far as the hub knows where it began."""
    hole = Hole("news", 1.0, None if after is None else at(after), at(until))
    assert [text for text in (*inside, *outside) if hole.covers(at(text))] == inside


def test_a_record_travels_between_processes() -> None:
    """As JSON, and is the same on the other side."""
    stay = Stay("news", 1.0, at("a7"), at("a6"), at("a9"), 2.0, "x", at("a4"), True, (5, 7), 0.5)
    record = SessionRecord("s-1", "tab", None, "10.0.0.1", "websocket", "n", 1.0, 2.0, 1006, 1.5, 30.0, 4, 5)
    record.stays.append(stay)
    record.refusals.append(Refusal("news", 1.0, "permission_denied"))
    record.holes.append(Hole("news", 1.0, None, at("a7")))
    assert session_of(orjson.loads(orjson.dumps(as_json(record)))) == record
