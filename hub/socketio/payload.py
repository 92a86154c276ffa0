"""Engine.IO's packets on the two transports: a WebSocket frame each, or joined in the body of a poll.

Connections keep frames, whatever their transport: fan-out makes them once for all. A poll takes the frames apart.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Iterator
from typing import Final

from hub.frames import TEXT

SEPARATOR: Final = b"\x1e"
"""Stands between packets in the body of a poll."""

NOOP: Final = b"6"
"""The packet that says nothing: ends a poll."""

_BINARY: Final = b"b"
"""Begins a packet that is base64 of bytes."""


def split(body: bytes) -> list[bytes]:
    """Return the packets in the body that a polling client posted."""
    return body.split(SEPARATOR)


def binary_of(packet: bytes) -> bytes | None:
    """Return what a binary packet holds, `None` for a packet of text.

    Raises:
        ValueError: it begins as a binary packet, and is no base64.
    """
    if not packet.startswith(_BINARY):
        return None
    try:
        return base64.b64decode(packet[1:], validate=True)
    except binascii.Error:
        raise ValueError("expected base64 after b") from None


def joined(frames: bytes) -> bytes:
    """Write the text of uncompressed server frames, as many as there are, as the body of a poll."""
    return SEPARATOR.join(payload for opcode, payload in unframed(frames) if opcode == TEXT)


def unframed(frames: bytes) -> Iterator[tuple[int, bytes]]:
    """Take apart frames that `hub.frames.frame` made; give each one's opcode and payload."""
    at = 0
    while at < len(frames):
        opcode, size = frames[at] & 0x0F, frames[at + 1]
        at += 2
        if size == 126:
            (size,) = struct.unpack_from("!H", frames, at)
            at += 2
        elif size == 127:
            (size,) = struct.unpack_from("!Q", frames, at)
            at += 8
        yield opcode, frames[at : at + size]
        at += size
