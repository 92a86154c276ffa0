"""Position sets: written, and read back, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import ErrorCode, ReplyError
from channels.model import NAME_PATTERN, Position
from hub.positions import entry, position_set, read_positions

POSITIONS = st.builds(Position, st.text("0123456789abcdef", max_size=16), st.integers(0, 10**18 - 1))


def refusal(text: str, channels: tuple[str, ...] = ("a", "room:b")) -> str:
    with pytest.raises(ReplyError) as caught:
        read_positions(text, channels, "since")
    assert caught.value.code is ErrorCode.INVALID_COMMAND
    return caught.value.message


@given(st.dictionaries(st.from_regex(NAME_PATTERN.replace("$", r"\Z")), POSITIONS, max_size=5))
def test_what_is_written_is_read(positions: dict[str, Position]) -> None:
    """Whatever the channels are called; in their order."""
    text = position_set(positions)
    assert read_positions(text, tuple(positions), "since") == positions
    assert list(read_positions(text, tuple(positions), "since")) == list(positions)


def test_names_may_hold_colons() -> None:
    """An entry is read from its right."""
    assert entry("room:b", Position("e1", 7)) == "room:b:e1:7"
    assert read_positions("room:b:e1:7", ("room:b",), "since") == {"room:b": Position("e1", 7)}


def test_no_epoch_asks_for_everything() -> None:
    """`CHANNEL::0`, as `{"offset": 0}` does on a WebSocket."""
    assert read_positions("a::0", ("a",), "since") == {"a": Position("", 0)}


def test_nothing_is_nothing() -> None:
    """A client that has seen nothing says nothing."""
    assert read_positions("", ("a",), "since") == {}


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a:1",
        ":e:1",
        "a:e:",
        "a:e:-1",
        "a:e:+1",
        "a:e:1.0",
        "a:e:١",
        "a:e:1 ",
        "a:e e:1",
        "a:e:" + "9" * 19,
        "a:" + "e" * 65 + ":1",
        "a:e:1,",
        ",a:e:1",
        "\x00",
        "a:e:1\x00",
    ],
)
def test_what_is_malformed_is_refused(text: str) -> None:
    """The error says what was expected, and repeats no more than a piece of it."""
    message = refusal(text)
    assert message.startswith("since: expected CHANNEL:EPOCH:OFFSET")
    assert len(message) < 200


def test_a_channel_must_be_one_of_the_stream_s() -> None:
    """A misspelt one would silently be without effect."""
    assert refusal("c:e:1") == "since: c is not among the channels"
    assert refusal("a:e:1,a:e:2") == "since: a is there twice"


def test_hostile_text_costs_little() -> None:
    """Neither time nor a long error."""
    assert len(refusal("x" * 100_000)) < 200
    assert len(refusal(":" * 100_000)) < 200
    assert len(refusal("a:e:1," * 50_000)) < 200
    assert len(refusal(f"{'y' * 100_000}:e:1")) < 200
