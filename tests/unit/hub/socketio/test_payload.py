"""Engine.IO's packets in bodies and in frames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.frames import BINARY, PING, TEXT, frame
from hub.socketio.payload import binary_of, joined, split, unframed


def test_packets_of_a_body() -> None:
    """They stand between record separators."""
    assert split(b"4hello") == [b"4hello"]
    assert split(b"4a\x1e3\x1e4b") == [b"4a", b"3", b"4b"]


def test_a_binary_packet_is_base64() -> None:
    """Behind a `b`; anything else is text."""
    assert binary_of(b"4hello") is None
    assert binary_of(b"bAQIDBA==") == b"\x01\x02\x03\x04"
    with pytest.raises(ValueError, match="base64"):
        binary_of(b"b!")


@given(st.lists(st.tuples(st.sampled_from([TEXT, BINARY]), st.binary(max_size=300))))
def test_frames_are_taken_apart(packets: list[tuple[int, bytes]]) -> None:
    """Whatever they hold."""
    assert list(unframed(b"".join(frame(payload, opcode) for opcode, payload in packets))) == packets


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_frames_of_every_length(size: int) -> None:
    """The three ways to say how long."""
    assert list(unframed(frame(b"x" * size) * 2)) == [(TEXT, b"x" * size)] * 2


def test_a_poll_gets_the_text_of_frames() -> None:
    """What only a WebSocket understands, such as a ping, is no packet."""
    assert joined(frame(b"4a") + PING + frame(b"4b")) == b"4a\x1e4b"
    assert joined(b"") == b""
