"""A TCP proxy that does what networks do: delays, throttles, holds, swallows, and cuts at any byte.

Each direction is a `Lane` with faults of its own, which may be changed while links are open. What is random comes from
the generator that is given, so a seed repeats it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

from tests.proxy import reset

_CHUNK = 64 * 1024
_TICK = 0.01
"""Seconds between two looks at whether a lane that is held may pass on."""


class Ended(Exception):
    """A link has come to its end."""


class Link:
    """One client's link. `dead` when it lost bytes, so that nothing may pass on it any more."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.dead = False


class Lane:
    """One direction of all links of a proxy.

    Attributes:
        delay: seconds that bytes are under way.
        jitter: seconds more than that, at random; order is kept.
        rate: bytes per second of each link; 0 is no limit.
        held: nothing passes, and nothing is lost.
        swallows: bytes vanish. A link that lost some is dead for good, as TCP would have it: nothing passes on it any
            more, and neither side is told.
        cut_after: asked at each new link for the number of bytes after which it is reset; `None` is never.
        passed: bytes that came through.
    """

    def __init__(self, random: Random) -> None:
        self.delay = self.jitter = self.rate = 0.0
        self.held = self.swallows = False
        self.cut_after: Callable[[], int | None] = lambda: None
        self.passed = 0
        self._random = random

    def heal(self) -> None:
        """End all faults of the lane. Links that lost bytes stay dead."""
        self.delay = self.jitter = self.rate = 0.0
        self.held = self.swallows = False
        self.cut_after = lambda: None

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: Link) -> None:
        """Carry one link's bytes until it ends.

        Raises:
            Ended: it did, in whatever way.
        """
        left = self.cut_after()
        while data := await reader.read(_CHUNK):
            link.dead = link.dead or self.swallows
            if link.dead:
                continue
            await self._wait(len(data))
            if left is not None:
                data, left = data[:left], left - len(data)
            writer.write(data)
            self.passed += len(data)
            await writer.drain()
            if left is not None and left <= 0:
                raise Ended
        while link.dead:  # noqa: ASYNC110 - until the link is cut
            await asyncio.sleep(_TICK)
        raise Ended

    async def _wait(self, size: int) -> None:
        seconds = self.delay + self._random.uniform(0, self.jitter) + (size / self.rate if self.rate else 0)
        if seconds:
            await asyncio.sleep(seconds)
        while self.held:  # noqa: ASYNC110 - it may be set and cleared at any time, by anybody
            await asyncio.sleep(_TICK)


class FaultProxy:
    """Links clients with whatever port `target` names at the moment; `None` resets them at once.

    Attributes:
        port: where it listens.
        up: from clients to the server.
        down: from the server to clients.
        links: links so far.
    """

    def __init__(self, target: Callable[[], int | None], random: Random) -> None:
        self.port = 0
        self.up = Lane(random)
        self.down = Lane(random)
        self.links = 0
        self._target = target
        self._random = random
        self._open: dict[asyncio.Task[None], Link] = {}

    def __len__(self) -> int:
        return len(self._open)

    def cut(self, share: float = 1.0) -> int:
        """Reset each link with this probability, whatever is under way on it; return how many were."""
        chosen = self._some(share)
        for link in chosen:
            reset(link.writer.transport)
        return len(chosen)

    def mute(self, share: float = 1.0) -> int:
        """Make each link a black hole for good with this probability; return how many are now."""
        chosen = self._some(share)
        for link in chosen:
            link.dead = True
        return len(chosen)

    def _some(self, share: float) -> list[Link]:
        return [link for link in self._open.values() if self._random.random() < share]

    def heal(self) -> None:
        """End all faults; links that are dead are reset."""
        self.up.heal()
        self.down.heal()
        for link in self._open.values():
            if link.dead:
                reset(link.writer.transport)

    async def link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client."""
        task = asyncio.current_task()
        assert task is not None
        link = self._open[task] = Link(writer)
        self.links += 1
        server: asyncio.StreamWriter | None = None
        try:
            port = self._target()
            if port is None:
                return
            server_reader, server = await asyncio.open_connection("127.0.0.1", port)
            async with asyncio.TaskGroup() as group:
                group.create_task(self.up.carry(reader, server, link), name="up")
                group.create_task(self.down.carry(server_reader, writer, link), name="down")
        except* (Ended, OSError):
            pass
        except* asyncio.CancelledError:
            pass  # by `close`, and nobody waits for more
        finally:
            del self._open[task]
            reset(writer.transport)
            if server is not None:
                reset(server.transport)

    async def close(self) -> None:
        """Cut all links and end."""
        tasks = list(self._open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def faulty(target: Callable[[], int | None], random: Random) -> AsyncIterator[FaultProxy]:
    """Run a proxy in front of the port that `target` names."""
    proxy = FaultProxy(target, random)
    server = await asyncio.start_server(proxy.link, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()
