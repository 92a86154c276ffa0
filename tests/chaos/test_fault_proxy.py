"""The proxy does the faults that it names, and only those."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from time import monotonic

import pytest

from tests.fault_proxy import FaultProxy, faulty
from tests.live import until


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
    writer.close()


@asynccontextmanager
async def proxied() -> AsyncIterator[FaultProxy]:
    """A proxy before a server that says what it hears."""
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    async with faulty(lambda: port, Random(1)) as proxy:
        yield proxy
    server.close()
    await server.wait_closed()


@asynccontextmanager
async def linked(proxy: FaultProxy) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def ask(link: tuple[asyncio.StreamReader, asyncio.StreamWriter], text: bytes) -> bytes:
    link[1].write(text)
    async with asyncio.timeout(5):
        return await link[0].readexactly(len(text))


async def is_silent(link: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> bool:
    """Whether nothing comes in a while, not even an end."""
    try:
        async with asyncio.timeout(0.15):
            await link[0].read(1)
    except TimeoutError:
        return True
    return False


async def test_without_faults_bytes_pass() -> None:
    """In both directions, and they are counted."""
    async with proxied() as proxy, linked(proxy) as link:
        assert await ask(link, b"hello") == b"hello"
        assert (proxy.up.passed, proxy.down.passed, proxy.links) == (5, 5, 1)


async def test_a_delay_delays() -> None:
    """Each way by itself."""
    async with proxied() as proxy, linked(proxy) as link:
        proxy.up.delay, proxy.down.delay = 0.05, 0.1
        began = monotonic()
        assert await ask(link, b"hello") == b"hello"
        assert monotonic() - began >= 0.15


async def test_a_rate_throttles() -> None:
    """Bytes per second."""
    async with proxied() as proxy, linked(proxy) as link:
        proxy.down.rate = 100_000.0
        began = monotonic()
        await ask(link, bytes(20_000))
        assert monotonic() - began >= 0.2


async def test_what_is_held_comes_later() -> None:
    """Complete and in order."""
    async with proxied() as proxy, linked(proxy) as link:
        proxy.down.held = True
        link[1].write(b"held")
        assert await is_silent(link)
        proxy.heal()
        assert await link[0].readexactly(4) == b"held"


async def test_a_link_that_lost_bytes_stays_dead() -> None:
    """Neither side is told; new links work as soon as the fault is over."""
    async with proxied() as proxy, linked(proxy) as dead:
        proxy.up.swallows = True
        dead[1].write(b"gone")
        assert await is_silent(dead)
        proxy.up.swallows = False
        dead[1].write(b"gone as well")
        assert await is_silent(dead)
        async with linked(proxy) as alive:
            assert await ask(alive, b"hello") == b"hello"


@pytest.mark.parametrize("after", [1, 7, 9_999])
async def test_a_link_is_cut_after_so_many_bytes(after: int) -> None:
    """Exactly those come, then a reset."""
    async with proxied() as proxy:
        proxy.down.cut_after = lambda: after
        async with linked(proxy) as link:
            link[1].write(bytes(10_000))
            with pytest.raises(ConnectionResetError):
                await link[0].readexactly(10_000)
            assert proxy.down.passed == after


async def test_all_links_can_be_cut() -> None:
    """And none, by a share of nothing."""
    async with proxied() as proxy, linked(proxy) as one, linked(proxy) as other:
        for link in (one, other):
            await ask(link, b"x")
        assert proxy.cut(0.0) == 0
        assert proxy.cut() == 2
        for link in (one, other):
            with pytest.raises(ConnectionResetError):
                await link[0].readexactly(1)
        await until(lambda: len(proxy) == 0)


async def test_single_links_can_be_muted() -> None:
    """They stay open and silent; others don't mind; healing resets them, so that nobody waits for nothing."""
    async with proxied() as proxy, linked(proxy) as muted:
        await ask(muted, b"x")
        assert proxy.mute() == 1
        muted[1].write(b"gone")
        assert await is_silent(muted)
        async with linked(proxy) as other:
            assert await ask(other, b"hello") == b"hello"
            proxy.heal()
            assert await ask(other, b"hello") == b"hello"
        with pytest.raises(ConnectionResetError):
            await muted[0].readexactly(1)


async def test_without_a_target_who_comes_is_reset() -> None:
    """Nobody is there to talk to."""
    async with faulty(lambda: None, Random(1)) as proxy, linked(proxy) as link:
        with pytest.raises(ConnectionResetError):
            await link[0].readexactly(1)
