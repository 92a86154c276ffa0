"""A request and its answer on their way through a process that is not their own; see `hub.socketio.neighbours`."""

from __future__ import annotations

import asyncio
import socket
from typing import Final

from aiohttp import web

from hub.transports.handover import take_over

_CHUNK: Final = 64 * 1024
_OF_THE_BODY: Final = (b"content-length", b"transfer-encoding", b"content-encoding", b"expect")
_PASSED_BACK: Final = ("content-type", "cache-control")


class Gone(asyncio.Protocol):
    """Lets go of a socket that is another process's now: closing a descriptor leaves the connection alone."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


class _Pipe(asyncio.Protocol):
    """One end of a relay: the other end gets what comes, at the pace at which it takes it."""

    def __init__(self, other: _Pipe | None = None) -> None:
        self._other = other
        self._transport: asyncio.Transport | None = None

    def join(self, other: _Pipe) -> None:
        """Begin to pass on, both ways."""
        self._other = other
        other.read(True)
        if self._transport is None:  # the client is gone already
            other.end()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._other is not None:
            transport.pause_reading()  # until both are joined

    def data_received(self, data: bytes) -> None:
        if self._other is not None:
            self._other.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        other, self._other, self._transport = self._other, None, None
        if other is not None:
            other.end()

    def write(self, data: bytes) -> None:
        """Pass on."""
        if self._transport is not None:
            self._transport.write(data)

    def end(self) -> None:
        """Write what waits, and close."""
        if self._transport is not None:
            self._transport.close()

    def read(self, go: bool) -> None:
        """Stop to read, or go on."""
        if self._transport is not None and not self._transport.is_closing():
            if go:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()

    def pause_writing(self) -> None:
        if self._other is not None:
            self._other.read(False)

    def resume_writing(self) -> None:
        if self._other is not None:
            self._other.read(True)


async def piped(request: web.Request, near: socket.socket) -> web.StreamResponse:
    """Pass on bytes between a request's client and `near`, both ways, until one of them ends."""
    client = _Pipe()
    _, server = await asyncio.get_running_loop().create_unix_connection(lambda: _Pipe(client), sock=near)
    response = take_over(request, b"", client)
    client.join(server)
    return response


async def answered(near: socket.socket, timeout: float) -> web.Response:
    """Read the answer of a process that closes behind it.

    Raises:
        TimeoutError: there is none after `timeout` seconds. ValueError: what came is none. OSError.
    """
    loop = asyncio.get_running_loop()
    heard = bytearray()
    with near:
        async with asyncio.timeout(timeout):
            while data := await loop.sock_recv(near, _CHUNK):
                heard += data
    head, _, body = bytes(heard).partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 "):
        raise ValueError("expected an answer")
    status, *lines = head.decode("latin-1").split("\r\n")
    fields = [line.partition(": ") for line in lines]
    headers = [(name, value) for name, _, value in fields if name.lower() in _PASSED_BACK]
    return web.Response(status=int(status.split(" ")[1]), body=body, headers=headers)


def written(request: web.Request, body: bytes) -> bytes:
    """Write a request as it came, with its body as it was read: in one piece, and not compressed."""
    version = request.version
    first = f"{request.method} {request.raw_path} HTTP/{version.major}.{version.minor}"
    headers = [(name, value) for name, value in request.raw_headers if name.lower() not in _OF_THE_BODY]
    if body:
        headers.append((b"Content-Length", str(len(body)).encode()))
    lines = (first.encode("utf-8", "surrogateescape"), *(name + b": " + value for name, value in headers))
    return b"\r\n".join((*lines, b"", body))


def behind(request: web.Request) -> bytes:
    """Return what came right behind an upgrade request; aiohttp keeps it here."""
    return request.protocol._message_tail
