"""What a process does for a request that is another one's: the test plays the other one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from hub.socketio.relay import answered, behind, piped, written

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
UPGRADE = b"GET /x?sid=1 HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def pipe() -> AsyncIterator[
    tuple[asyncio.StreamReader, asyncio.StreamWriter, asyncio.StreamReader, asyncio.StreamWriter]
]:
    """A client's end and the owner's end."""
    near, far = socket.socketpair()
    near.setblocking(False)

    async def handle(request: web.Request) -> web.StreamResponse:
        return await piped(request, near)

    async with serving(handle) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(UPGRADE)
        own_reader, own_writer = await asyncio.open_unix_connection(sock=far)
        try:
            yield reader, writer, own_reader, own_writer
        finally:
            for each in (writer, own_writer):
                each.close()
                await each.wait_closed()


async def test_bytes_go_both_ways() -> None:
    """As they are, until one side ends, which ends the other."""
    async with asyncio.timeout(10), pipe() as (reader, writer, own_reader, own_writer):
        own_writer.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
        writer.write(b"\x81\x00up")
        assert await own_reader.readexactly(4) == b"\x81\x00up"
        own_writer.write(b"down")
        assert await reader.readexactly(4) == b"down"
        own_writer.close()
        assert await reader.read() == b""


async def test_a_client_that_leaves() -> None:
    """Its own process sees an end."""
    async with asyncio.timeout(10), pipe() as (reader, writer, own_reader, own_writer):
        own_writer.write(b"x")
        assert await reader.readexactly(1) == b"x"
        writer.close()
        assert await own_reader.read() == b""


async def _until_it_stops(writer: asyncio.StreamWriter) -> int:
    """Write as much as is taken, and return how much that was."""
    sent, block = 0, b"x" * 65_536
    try:
        while True:
            writer.write(block)
            sent += len(block)
            async with asyncio.timeout(1.0):
                await writer.drain()
    except TimeoutError:
        return sent


async def test_a_slow_client_slows_its_own_process() -> None:
    """Whose rule for slow clients then holds: nothing is piled up on the way."""
    async with asyncio.timeout(20), pipe() as (reader, _, _, own_writer):
        own_writer.write(b"x")
        assert await reader.readexactly(1) == b"x"
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        sent = await _until_it_stops(own_writer)
        assert sent < 32 << 20
        reader._transport.resume_reading()  # type: ignore[attr-defined]
        assert len(await reader.readexactly(sent)) == sent


async def test_an_answer() -> None:
    """Its status, its body, and the headers that say what the body is; the rest is this process's own to say."""
    near, far = socket.socketpair()
    near.setblocking(False)
    with far:
        far.sendall(
            b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=UTF-8\r\nServer: x\r\n\r\nbo\r\n\r\ndy"
        )
    answer = await answered(near, 5.0)
    assert (answer.status, answer.body, answer.content_type) == (400, b"bo\r\n\r\ndy", "text/plain")
    assert "Server" not in answer.headers


@pytest.mark.parametrize("said", [b"", b"nonsense", b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"], ids=range(4))
async def test_no_answer(said: bytes) -> None:
    """A process that dies says nothing that could be passed on."""
    near, far = socket.socketpair()
    near.setblocking(False)
    with far:
        far.sendall(said)
    with pytest.raises(ValueError, match=r"expected an answer|invalid literal"):
        await answered(near, 5.0)


async def test_an_answer_that_does_not_come() -> None:
    """Isn't waited for longer than that."""
    near, far = socket.socketpair()
    near.setblocking(False)
    with far, pytest.raises(TimeoutError):
        await answered(near, 0.05)


async def test_a_request_as_it_came() -> None:
    """Its head to the letter, and its body in one piece."""
    seen: list[bytes] = []

    async def handle(request: web.Request) -> web.Response:
        seen.append(written(request, await request.read()) + behind(request))
        return web.Response()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"4a"
        yield b"b"

    async with serving(handle) as port, aiohttp.ClientSession() as http:
        await http.post(f"http://127.0.0.1:{port}/a%20b?sid=x.y", data=pieces(), headers={"X-Twice": "1"})
        await http.get(f"http://127.0.0.1:{port}/")
    first, _, body = seen[0].partition(b"\r\n\r\n")
    lines = first.split(b"\r\n")
    assert (lines[0], body) == (b"POST /a%20b?sid=x.y HTTP/1.1", b"4ab")
    assert {b"X-Twice: 1", b"Content-Length: 3"} <= set(lines)
    assert b"chunked" not in first
    assert seen[1].startswith(b"GET / HTTP/1.1\r\n")
    assert b"Content-Length" not in seen[1]
