"""A real hub on a real socket, in the test's own loop, and a client to talk to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from channels.model import Draft, Published
from hub.notify import Inbox
from hub.options import Settings
from hub.server import Server
from hub.settings import Source, load
from hub.wiring import Hub, build

SECRET = "a-secret-for-tests-of-at-least-32-bytes"

QUIET: dict[str, Any] = {
    "server.port": 0,
    "server.drain": 0.1,
    "websocket.close_timeout": 0.5,
    "system_stats.interval": 0.0,
    "hub_stats.interval": 0.0,
    "alerts.interval": 0.0,
}
"""A free port, a fast stop, and nothing on the channels but what the test publishes."""


def settings_for(**options: Any) -> Settings:
    """Make settings out of dotted paths, written with double underscores: `limits__batch=3`."""
    return load(Source(None, {}), QUIET | {path.replace("__", "."): value for path, value in options.items()})


def with_keys(**options: Any) -> Settings:
    """Make settings for a hub that wants tokens, signed with `SECRET` under the key id `k1`."""
    return settings_for(auth__keys=[{"id": "k1", "secret": SECRET}], **options)


async def until(condition: Callable[[], bool], timeout: float = 20.0) -> None:
    """Wait until `condition` holds, where time passes or other threads take part; fails after `timeout` seconds."""
    async with asyncio.timeout(timeout):
        while not condition():  # noqa: ASYNC110 - conditions of the hub's insides, which signal nothing to tests
            await asyncio.sleep(0.002)


class LiveHub:
    """A hub that runs.

    Attributes:
        url: such as `http://127.0.0.1:43127`.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.hub: Hub = server.hub
        self.url = server.url

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    async def publish(self, channel: str, type: str, data: Any, **fields: Any) -> Published:
        """Publish as the server's own code does."""
        draft = Draft(channel, type, json.dumps(data).encode(), "2026-01-01T00:00:00.000000Z", **fields)
        return await self.hub.engine.publish(draft)

    @asynccontextmanager
    async def client(
        self, client_id: str = "tester", *, port: int | None = None, **options: Any
    ) -> AsyncIterator[Client]:
        """Connect, to the hub or to the port of a proxy before it; read the welcome, and disconnect at the end."""
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{port or self.port}/ws?client_id={client_id}"
            async with session.ws_connect(url, **options) as socket:
                client = Client(socket)
                client.welcome = await client.receive()
                yield client


class Client:
    """A WebSocket client that knows the plain protocol's shape, and nothing of the hub's insides."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.welcome: dict[str, Any] = {}

    async def send(self, command: Mapping[str, Any] | list[Any]) -> None:
        """Send a command, or a batch."""
        await self.socket.send_str(json.dumps(command))

    async def receive(self, timeout: float = 15.0) -> dict[str, Any]:
        """Return the next message; fails when a close comes instead."""
        message = await self.socket.receive(timeout)
        assert message.type is aiohttp.WSMsgType.TEXT, f"expected a message, got {message!r}"
        value: dict[str, Any] = json.loads(message.data)
        return value

    async def ask(self, **command: Any) -> dict[str, Any]:
        """Send a command and return the next message, its reply when nothing else is on its way."""
        await self.send(command)
        return await self.receive()

    async def closed(self, timeout: float = 15.0) -> tuple[int | None, str]:
        """Read until the hub closes; return code and reason."""
        async with asyncio.timeout(timeout):
            while True:
                message = await self.socket.receive()
                if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR):
                    return self.socket.close_code, str(message.extra or "")


@asynccontextmanager
async def running(settings: Settings, inbox: Inbox | None = None) -> AsyncIterator[LiveHub]:
    """Run a hub with these settings; it has an inbox of its own unless one is given."""
    server = Server(build(settings, inbox=Inbox() if inbox is None else inbox))
    await server.start()
    try:
        yield LiveHub(server)
    finally:
        await server.stop()
