"""Server frames of RFC 6455 and RFC 7692, built once and written to any number of connections.

A server never masks, and with `server_no_context_takeover` a deflated message doesn't depend on the one before: so the
same bytes are right for every connection with the same window size.
"""

from __future__ import annotations

import struct
import zlib

TEXT = 0x1
BINARY = 0x2
PING = b"\x89\x00"

_FIN = 0x80
_RSV1 = 0x40
_SYNC_TAIL = 4
"""A sync flush ends in 00 00 ff ff, which RFC 7692 (7.2.1) leaves out."""


def frame(payload: bytes, opcode: int = TEXT, rsv1: bool = False) -> bytes:
    """Return one final, unmasked frame."""
    head = _FIN | opcode | (_RSV1 if rsv1 else 0)
    size = len(payload)
    if size < 126:
        return bytes((head, size)) + payload
    if size < 65536:
        return struct.pack("!BBH", head, 126, size) + payload
    return struct.pack("!BBQ", head, 127, size) + payload


def deflated(payload: bytes, window_bits: int, opcode: int = TEXT) -> bytes:
    """Return one frame with the payload deflated on its own.

    Args:
        window_bits: 9 to 15, as negotiated with `server_max_window_bits`.
    """
    deflate = zlib.compressobj(wbits=-window_bits, memLevel=8)
    data = deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return frame(data[:-_SYNC_TAIL], opcode, rsv1=True)
