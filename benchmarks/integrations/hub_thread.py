"""A hub beside the business code that is measured, which can stand still while that goes on."""

from __future__ import annotations

import asyncio
import threading
from typing import Self

from hub.notify import Inbox
from hub.server import Server
from hub.settings import Source, load
from hub.wiring import build


class HubThread:
    """A hub in a thread of its own."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        self._ready = threading.Event()
        self._go_on = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="hub")

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def hang(self) -> None:
        """Let its loop stand still, and return when it does."""
        assert self._loop is not None
        stands = threading.Event()

        def stand() -> None:
            stands.set()
            self._go_on.wait()

        self._loop.call_soon_threadsafe(stand)
        stands.wait()

    def stop(self) -> None:
        """End it; the publisher stays what it is."""
        self._go_on.set()
        if self._thread.is_alive():
            assert self._loop is not None
            assert self._stop is not None
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        settings = load(Source(None, {}), {"server.port": 0, "server.drain": 0.1, "system_stats.interval": 0})
        server = Server(build(settings, inbox=self.inbox))
        await server.start()
        self._ready.set()
        await self._stop.wait()
        await server.stop(0.0)
