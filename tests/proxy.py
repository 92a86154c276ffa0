"""A TCP proxy between a client and a hub that can pass bytes on, hold them like a dead link, or cut the link."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

_CHUNK = 64 * 1024


def reset(transport: asyncio.BaseTransport) -> None:
    """Cut a TCP connection so that the other side sees a reset, not an end."""
    sock: socket.socket = transport.get_extra_info("socket")
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert isinstance(transport, asyncio.WriteTransport)
    transport.abort()


class Proxy:
    """Passes bytes between each client and the hub's port.

    Args:
        target: port of the hub on the loopback interface.
        cut_after: is asked at each new link after how many bytes to the client to cut it; `None` for never.

    Attributes:
        port: where it listens.
        links: links so far.
    """

    def __init__(self, target: int, cut_after: Callable[[], int | None] = lambda: None) -> None:
        self.port = 0
        self.links = 0
        self._target = target
        self._cut_after = cut_after
        self._passing = asyncio.Event()
        self._passing.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def hold(self) -> None:
        """Pass nothing on in either direction, not even an end: what a link does whose other side has lost power."""
        self._passing.clear()

    def pass_on(self) -> None:
        """Pass on again, with what was held first."""
        self._passing.set()

    def cut(self) -> None:
        """Reset all links."""
        for writer in self._writers:
            reset(writer.transport)

    async def link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.links += 1
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target)
        pair = {writer, up_writer}
        self._writers |= pair
        try:
            # The first direction that ends takes the other one with it.
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, up_writer, None))
                group.create_task(self._pump(up_reader, writer, self._cut_after()))
        except* (_Ended, OSError):
            pass
        finally:
            self._writers -= pair
            for end in pair:
                reset(end.transport)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, allowed: int | None) -> None:
        while data := await reader.read(_CHUNK):
            await self._passing.wait()
            if allowed is not None:
                data, allowed = data[:allowed], allowed - len(data)
            writer.write(data)
            await writer.drain()
            if allowed is not None and allowed <= 0:
                raise _Ended
        await self._passing.wait()
        writer.close()
        await writer.wait_closed()
        raise _Ended

    async def close(self) -> None:
        """Cut all links and end."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Ended(Exception):
    """A link has come to its end."""


@asynccontextmanager
async def proxied(target: int, cut_after: Callable[[], int | None] = lambda: None) -> AsyncIterator[Proxy]:
    """Run a proxy in front of a port."""
    proxy = Proxy(target, cut_after)
    server = await asyncio.start_server(proxy.link, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()
