"""Publications as Redis has them, there and back."""

from __future__ import annotations

import pytest

from channels.model import Draft, Position, Publication
from channels.redis.body import Arrival, encode, from_entry, from_message, reading


@pytest.mark.parametrize("data", [b"null", b'{"a":"\\n"}', b"[]", '"🔔 é"'.encode(), b'{"a":1}\n', b"\n"], ids=repr)
@pytest.mark.parametrize(("key", "exclude"), [(None, None), ("k", "tab:1"), ("", "c\n")])
def test_a_body_gives_back_what_was_published(data: bytes, key: str | None, exclude: str | None) -> None:
    """Whatever is in it: only the first line end counts, and JSON has none in its first line."""
    draft = Draft("a", "type\nwith é", data, "2026-11-21T10:15:00.000000Z", key, exclude)
    arrival = from_message(b"e1 7-123 456\n" + encode(draft))
    assert arrival[:4] == ("e1", 7, 123, 456)
    assert arrival.publication("a") == Publication(
        "a", "type\nwith é", data, draft.timestamp, Position("e1", 7), key, exclude
    )


def test_without_history_there_is_no_position() -> None:
    """The header has no epoch then."""
    arrival = from_message(b" 0-9 0\n" + encode(Draft("a", "t", b"1", "now")))
    assert arrival.publication("a").position is None
    assert arrival.mark == 9


@pytest.mark.parametrize(
    "message", [b"", b"\n", b"hello", b"e 1 2\n[]", b"a b c\n[]", b"e1 1-2 3\n{}", b"e1 1-2 3\n[1]\n"]
)
def test_what_no_hub_wrote_is_refused(message: bytes) -> None:
    """With an error, not with nonsense."""
    with pytest.raises((ValueError, TypeError)):
        from_message(message).publication("a")


def test_an_entry_and_a_message_are_the_same_publication() -> None:
    """What is read is told from what was heard by nothing but where it came from."""
    body = encode(Draft("a", "t", b"1", "now"))
    assert from_entry("e1", [b"7-123", b"456", body]) == from_message(b"e1 7-123 456\n" + body)


def test_reading_a_reply() -> None:
    """A mark that isn't kept is none."""
    found = reading([b"e1", 8, 1000, b"", [[b"8-5", b"2000", b"x"]]])
    assert (found.top, found.now, found.mark) == (Position("e1", 8), 1000, None)
    assert found.entries == [Arrival("e1", 8, 5, 2000, b"x")]
    assert reading([b"e1", 8, 1000, b"5", []]).mark == 5
