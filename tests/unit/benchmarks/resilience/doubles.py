"""Servers that a subscriber can connect to, and a publisher that knows nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web

from benchmarks.resilience.client import Client

CHANNEL = "bells"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class HubDouble:
    """Speaks as much of the plain protocol as the clients need, and does with connections as it is told.

    Attributes:
        entries: what was published.
        commands: what clients said.
        refusals: errors that the next subscriptions get instead of an answer.
        skipped: numbers that are never delivered.
        twice: numbers that are delivered twice.
    """

    def __init__(self) -> None:
        self.port = 0
        self.entries: list[dict[str, Any]] = []
        self.commands: list[dict[str, Any]] = []
        self.refusals: list[dict[str, Any]] = []
        self.skipped: set[int] = set()
        self.twice: set[int] = set()
        self.epoch = "e1"
        self.open: list[web.WebSocketResponse] = []

    async def publish(self, number: int, at: float = 0.0) -> None:
        """Publish, and deliver to all that are connected."""
        offset = len(self.entries) + 1
        entry = {"type": "tick", "channel": CHANNEL, "data": {"n": number, "at": at}, "epoch": "e1", "offset": offset}
        self.entries.append(entry)
        for socket in self.open:
            await self._deliver(socket, entry)

    async def _deliver(self, socket: web.WebSocketResponse, entry: dict[str, Any]) -> None:
        number = entry["data"]["n"]
        for _ in range(0 if number in self.skipped else 2 if number in self.twice else 1):
            await socket.send_json(entry)

    async def say(self, **message: Any) -> None:
        """Send a message to all."""
        for socket in self.open:
            await socket.send_json(message)

    async def cut(self) -> None:
        """Close all connections."""
        for socket in list(self.open):
            await socket.close()

    async def _on_socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._on_command(socket, message.json())
        if socket in self.open:
            self.open.remove(socket)
        return socket

    async def _on_command(self, socket: web.WebSocketResponse, command: dict[str, Any]) -> None:
        self.commands.append(command)
        if self.refusals:
            await socket.send_json(self.refusals.pop(0))
            return
        answer = {"type": "subscribe", "channel": CHANNEL, "epoch": self.epoch, "offset": len(self.entries)}
        since = command.get("since")
        missed = self.entries[since["offset"] :] if since else []
        if since:
            answer |= {"recovered": since["epoch"] == self.epoch, "replayed": len(missed)}
        await socket.send_json(answer)
        for entry in missed:
            await self._deliver(socket, entry)
        self.open.append(socket)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[HubDouble]:
        """Listen on a free port."""
        async with listening({"/ws": self._on_socket}) as self.port:
            yield self
            await self.cut()


@asynccontextmanager
async def listening(routes: dict[str, Handler]) -> AsyncIterator[int]:
    """Serve paths on a free port; yield it."""
    app = web.Application()
    for path, handler in routes.items():
        app.router.add_route("*", path, handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def staying(client: Client) -> AsyncIterator[Client]:
    """A client that stays connected for the block."""
    task = asyncio.create_task(client.stay())
    try:
        yield client
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
