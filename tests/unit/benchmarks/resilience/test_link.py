"""Frames of any size, in any pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import WSMsgType, web

from benchmarks.resilience.link import Link, frame
from tests.live import until
from tests.unit.benchmarks.resilience.doubles import listening


class _Owner:
    def __init__(self, port: int, path: str) -> None:
        self.port = port
        self.path = path
        self.openings = 0
        self.texts: list[bytes] = []

    def opened(self, link: Link) -> None:
        self.openings += 1

    def heard(self, link: Link, text: bytes) -> None:
        self.texts.append(text)


@asynccontextmanager
async def _linked(path: str = "/echo?a=b") -> AsyncIterator[tuple[_Owner, Link, list[str]]]:
    seen: list[str] = []

    async def echo(request: web.Request) -> web.StreamResponse:
        seen.append(str(request.rel_url))
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await (socket.ping(b"hello") if message.data == "ping" else socket.send_str(message.data))
            elif message.type is WSMsgType.PONG:
                await socket.send_str(f"pong {message.data.decode()}")
        return socket

    async with listening({"/echo": echo}) as port:
        owner = _Owner(port, path)
        _, link = await asyncio.get_running_loop().create_connection(lambda: Link(owner), "127.0.0.1", port)
        try:
            yield owner, link, seen
        finally:
            link.abort()
            await link.closed


@pytest.mark.parametrize("size", [0, 1, 125, 126, 3000, 65535])
async def test_a_message_of_any_length_comes_back(size: int) -> None:
    async with _linked() as (owner, link, seen):
        await until(lambda: owner.openings == 1)
        link.send(b"x" * size)
        link.send(b"end")
        await until(lambda: len(owner.texts) == 2)
        assert owner.texts == [b"x" * size, b"end"]
        assert seen == ["/echo?a=b"]


async def test_a_ping_is_answered() -> None:
    async with _linked() as (owner, link, _):
        await until(lambda: owner.openings == 1)
        link.send(b"ping")
        await until(lambda: owner.texts == [b"pong hello"])


async def test_a_refused_upgrade_ends_it() -> None:
    async with _linked("/nowhere") as (owner, link, _):
        await asyncio.wait_for(link.closed, 20)
        assert (owner.openings, link.closing) == (0, True)
        link.send(b"nobody hears it")


async def test_after_a_cut_nothing_is_heard() -> None:
    """Also what the kernel had already: a client that was cut can't have seen it."""
    async with _linked() as (owner, link, _):
        await until(lambda: owner.openings == 1)
        link.abort()
        link.data_received(b"\x81\x01x")
        assert owner.texts == []


def test_a_frame_is_masked_with_zeros() -> None:
    assert frame(1, b"ab") == b"\x81\x82\0\0\0\0ab"
    assert frame(1, b"x" * 300)[:8] == b"\x81\xfe\x01\x2c\0\0\0\0"


async def test_frames_come_in_pieces() -> None:
    """One byte at a time, with all three forms of a length."""
    owner = _Owner(1, "/")
    link = Link(owner)
    link.connection_made(_Transport())
    stream = b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + b"\x81\x01a" + b"\x81\x7e\0\xc8" + b"b" * 200
    stream += b"\x81\x7f" + (70_000).to_bytes(8, "big") + b"c" * 70_000
    for place in range(0, len(stream), 1):
        link.data_received(stream[place : place + 1])
    assert owner.texts == [b"a", b"b" * 200, b"c" * 70_000]
    link.connection_lost(None)


class _Transport(asyncio.Transport):
    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert bytes(data).startswith(b"GET / HTTP/1.1\r\n")

    def is_closing(self) -> bool:
        return False
