"""A WebSocket client that can send anything: frames are made by hand, so that they can be wrong."""

from __future__ import annotations

import asyncio
import base64
import struct
import zlib
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

RSV1, RSV2, RSV3 = 0x40, 0x20, 0x10

MASK = b"\x37\xfa\x21\x3d"

WAIT = 5.0
"""Seconds that any answer may take."""


Headers = Mapping[str, str | None]

_NO_HEADERS: Headers = {}


@dataclass(frozen=True, slots=True)
class Frame:
    """What a server sent."""

    opcode: int
    payload: bytes
    fin: bool = True
    rsv: int = 0


def head(opcode: int, size: int, *, fin: bool = True, rsv: int = 0, masked: bool = True) -> bytes:
    """Return a frame's header for a payload of `size` bytes, which need not follow."""
    first, mask_bit = (0x80 if fin else 0) | rsv | opcode, 0x80 if masked else 0
    if size < 126:
        return struct.pack("!BB", first, mask_bit | size)
    if size < 65536:
        return struct.pack("!BBH", first, mask_bit | 126, size)
    return struct.pack("!BBQ", first, mask_bit | 127, size)


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, masked: bool = True) -> bytes:
    """Return a frame as a client sends it, if nothing else is said."""
    start = head(opcode, len(payload), fin=fin, rsv=rsv, masked=masked)
    return start + MASK + mask(payload) if masked else start + payload


def mask(payload: bytes) -> bytes:
    """Mask a payload, or unmask it."""
    return bytes(byte ^ MASK[index % 4] for index, byte in enumerate(payload))


def deflated(payload: bytes) -> bytes:
    """Compress a message as RFC 7692 says."""
    deflate = zlib.compressobj(wbits=-15)
    return (deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]


def close(code: int, reason: bytes = b"") -> bytes:
    """Return a client's close frame."""
    return frame(CLOSE, struct.pack("!H", code) + reason)


def text(payload: str) -> bytes:
    """Return a client's text frame."""
    return frame(TEXT, payload.encode())


def request(
    headers: Headers = _NO_HEADERS, *, path: str = "/ws", method: str = "GET", version: str = "HTTP/1.1"
) -> bytes:
    """Return an upgrade request; `None` leaves one of the usual headers out."""
    lines: dict[str, str | None] = {
        "Host": "127.0.0.1",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(b"0123456789abcdef").decode(),
        **headers,
    }
    fields = [f"{name}: {value}" for name, value in lines.items() if value is not None]
    return "\r\n".join([f"{method} {path} {version}", *fields, "", ""]).encode()


class RawClient:
    """One TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, *data: bytes) -> None:
        """Write bytes as they are."""
        self.writer.write(b"".join(data))

    async def send_apart(self, pieces: Iterable[bytes]) -> None:
        """Write pieces so that the server, in the same loop, gets each by itself: loopback delivers at once."""
        for piece in pieces:
            self.writer.write(piece)
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    def pause_reading(self) -> None:
        """Leave what comes from now on in the kernel, until it is full."""
        cast(asyncio.ReadTransport, self.writer.transport).pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        cast(asyncio.ReadTransport, self.writer.transport).resume_reading()

    async def response(self) -> bytes:
        """Return the head of the HTTP answer."""
        async with asyncio.timeout(WAIT):
            return await self.reader.readuntil(b"\r\n\r\n")

    async def body(self, response: bytes) -> bytes:
        """Return the body behind an HTTP answer's head."""
        _, _, rest = response.lower().partition(b"content-length:")
        async with asyncio.timeout(WAIT):
            return await self.reader.readexactly(int(rest.split()[0]))

    async def receive(self) -> Frame:
        """Return the next frame, inflated; it must not be masked, and its length must be in the shortest form."""
        async with asyncio.timeout(WAIT):
            first, size = await self.reader.readexactly(2)
            assert not size & 0x80, "a server must not mask"
            if size == 126:
                (size,) = struct.unpack("!H", await self.reader.readexactly(2))
                assert size > 125
            elif size == 127:
                (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
                assert size > 65535
            payload = await self.reader.readexactly(size)
        if first & RSV1:
            payload = zlib.decompressobj(wbits=-15).decompress(payload + b"\x00\x00\xff\xff")
        return Frame(first & 0x0F, payload, bool(first & 0x80), first & 0x70)

    async def texts_until_close(self) -> tuple[list[bytes], int]:
        """Return the text messages that still come, and the close code; the server must then end the TCP connection."""
        texts, code = await self.texts_until_close_frame()
        async with asyncio.timeout(WAIT):
            assert await self.reader.read() == b"", "something came behind the close frame"
        return texts, code

    async def texts_until_close_frame(self) -> tuple[list[bytes], int]:
        """Return the text messages that still come, and the close code; the TCP connection may go on."""
        texts = []
        while (got := await self.receive()).opcode != CLOSE:
            texts.append(got.payload)
        (code,) = struct.unpack("!H", got.payload[:2])
        return texts, code

    async def close_code(self) -> int:
        """Return the close code, whatever comes before it."""
        return (await self.texts_until_close())[1]


@asynccontextmanager
async def dialled(port: int | None = None, **options: Any) -> AsyncIterator[RawClient]:
    """Open a TCP connection to the loopback interface; `options` are those of `asyncio.open_connection`."""
    host = None if port is None else "127.0.0.1"
    reader, writer = await asyncio.open_connection(host, port, **options)
    try:
        yield RawClient(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def upgraded(port: int, headers: Headers = _NO_HEADERS) -> AsyncIterator[RawClient]:
    """Open a WebSocket; what the server says first is left to the caller."""
    async with dialled(port) as client:
        client.send(request(headers))
        answer = await client.response()
        assert answer.startswith(b"HTTP/1.1 101 "), answer
        yield client
