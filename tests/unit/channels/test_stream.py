"""The publications that are kept of one channel. What may be read is specified by tests/contract/test_broker.py."""

from __future__ import annotations

import re

from channels.model import Position
from channels.stream import Stream, random_epoch
from tests.kit import publication


def filled(*offsets: int, size: int = 100) -> Stream:
    """A stream that got these publications; each ends at the time that is its offset."""
    stream = Stream("e1", offsets[0] - 1 if offsets else 0)
    for offset in offsets:
        stream.append(publication("a", offset), float(offset), size)
    return stream


def test_appending_brings_the_stream_to_the_publication() -> None:
    """And drops the oldest beyond the size."""
    stream = filled(1, 2, 3, 4, size=2)
    assert stream.top == Position("e1", 4)
    assert [offset for offset, _ in stream.entries] == [3.0, 4.0]


def test_a_size_of_nothing_keeps_nothing() -> None:
    """But the top rises."""
    stream = filled(1, 2, size=0)
    assert (stream.offset, len(stream.entries)) == (2, 0)


def test_what_has_ended_is_dropped() -> None:
    """From the front, at its time."""
    stream = filled(1, 2, 3)
    stream.expire(2.0)
    assert [offset for offset, _ in stream.entries] == [3.0]
    stream.expire(9.0)
    assert not stream.entries
    assert stream.read(Position("e1", 3), 10, False).recovered
    assert not stream.read(Position("e1", 2), 10, False).recovered


def test_a_stream_may_begin_anywhere() -> None:
    """What is before its first publication isn't recovered."""
    stream = filled(8, 9)
    assert stream.read(Position("e1", 7), 10, False).recovered
    assert not stream.read(Position("e1", 6), 10, False).recovered


def test_epochs_are_random() -> None:
    """Two runs of a hub don't share one, and the name fits on the wire."""
    epochs = {random_epoch() for _ in range(1_000)}
    assert len(epochs) == 1_000
    assert all(re.fullmatch("[0-9a-f]{10}", epoch) for epoch in epochs)
