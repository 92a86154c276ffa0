"""Frames that the hub writes, read by the parser of `websockets` in a client's place."""

from __future__ import annotations

import zlib
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from hub.frames import BINARY, PING, TEXT, deflated, frame

WINDOWS = range(9, 16)

payloads = st.binary(max_size=300) | st.builds(bytes.__mul__, st.binary(min_size=1, max_size=9), st.integers(0, 9000))


def parse(data: bytes, window_bits: int = 0) -> list[tuple[int, bytes]]:
    """Read frames as a strict client does; every one must be final."""
    client = Protocol(Side.CLIENT, max_size=None)
    if window_bits:
        client.extensions = [PerMessageDeflate(True, True, window_bits, 15)]
    client.receive_data(data)
    assert client.parser_exc is None
    frames = cast("list[Frame]", client.events_received())
    assert all(got.fin for got in frames)
    return [(got.opcode, bytes(got.data)) for got in frames]


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, "8100"),
        (1, "8101"),
        (125, "817d"),
        (126, "817e007e"),
        (65535, "817effff"),
        (65536, "817f0000000000010000"),
    ],
)
def test_the_length_takes_the_shortest_form(size: int, head: str) -> None:
    """7, 16 or 64 bits: RFC 6455, 5.2, wants the minimal number."""
    payload = bytes(size)
    assert frame(payload) == bytes.fromhex(head) + payload


@given(st.lists(st.tuples(st.sampled_from([TEXT, BINARY]), payloads), max_size=4))
def test_joined_frames_are_read_back(messages: list[tuple[int, bytes]]) -> None:
    """Any number of frames in one write are the messages that went in."""
    assert parse(b"".join(frame(payload, opcode) for opcode, payload in messages)) == messages


@given(st.sampled_from(WINDOWS), st.lists(payloads, max_size=4))
def test_deflated_frames_are_read_back(window_bits: int, messages: list[bytes]) -> None:
    """A client with the window that was negotiated inflates each message, whatever came before it."""
    data = b"".join(deflated(payload, window_bits) for payload in messages)
    assert parse(data, window_bits) == [(Opcode.TEXT, payload) for payload in messages]


@pytest.mark.parametrize("window_bits", WINDOWS)
def test_a_deflated_message_keeps_within_its_window(window_bits: int) -> None:
    """Repetitions further back than the window are not referred to: a decoder of that size inflates them."""
    chunk = bytes(index * 7 % 251 for index in range(700))
    payload = b"".join(chunk[index:] + bytes(index) for index in range(0, 700, 7))
    data = deflated(payload, window_bits)
    body = data[2:] if data[1] < 126 else data[4:] if data[1] == 126 else data[10:]
    assert data[0] == 0xC1
    assert zlib.decompressobj(wbits=-window_bits).decompress(body + b"\x00\x00\xff\xff") == payload


def test_deflated_and_plain_frames_may_alternate() -> None:
    """RFC 7692, 6: each message says for itself whether it is compressed."""
    data = frame(b"a") + deflated(b"b" * 99, 15) + frame(b"c", BINARY) + deflated(b"d", 15, BINARY)
    assert parse(data, 15) == [
        (Opcode.TEXT, b"a"),
        (Opcode.TEXT, b"b" * 99),
        (Opcode.BINARY, b"c"),
        (Opcode.BINARY, b"d"),
    ]


def test_the_ping_is_a_ping() -> None:
    """Empty, as clients answer it with the least work."""
    assert parse(PING) == [(Opcode.PING, b"")]
