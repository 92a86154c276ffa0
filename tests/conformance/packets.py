"""A Socket.IO client that sends packets as they are: nothing of a client's library is in between."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.live import LiveHub

PATH = "/socket.io/?EIO=4"


class Raw:
    """A client that sends packets as they are."""

    def __init__(self, hub: LiveHub, http: aiohttp.ClientSession) -> None:
        self._url = hub.url + PATH
        self._http = http
        self.sid = ""

    async def ask(self, query: str, method: str = "GET", body: bytes = b"") -> tuple[int, bytes]:
        """Send a request; return status and body."""
        async with self._http.request(method, self._url + query, data=io.BytesIO(body) if body else None) as response:
            return response.status, await response.read()

    async def open(self) -> dict[str, Any]:
        """Begin with polls; return what the hub greets with."""
        status, body = await self.ask("&transport=polling")
        assert (status, body[:1]) == (200, b"0")
        greeting: dict[str, Any] = json.loads(body[1:])
        self.sid = greeting["sid"]
        return greeting

    async def poll(self) -> tuple[int, list[str]]:
        """Wait for packets."""
        status, body = await self.ask(f"&transport=polling&sid={self.sid}")
        return status, body.decode().split("\x1e")

    async def post(self, *packets: str) -> tuple[int, bytes]:
        """Send packets."""
        return await self.ask(f"&transport=polling&sid={self.sid}", "POST", "\x1e".join(packets).encode())

    def socket(self, *, upgrade: bool = False) -> Any:
        """Open a WebSocket, of its own or to go over to."""
        return self._http.ws_connect(f"{self._url}&transport=websocket" + (f"&sid={self.sid}" if upgrade else ""))


@asynccontextmanager
async def raw(hub: LiveHub) -> AsyncIterator[Raw]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as http:
        yield Raw(hub, http)


async def next_packet(socket: aiohttp.ClientWebSocketResponse, *, pings: bool = False) -> str:
    """Return the next packet; pings are skipped unless asked for."""
    while True:
        text = await socket.receive_str(timeout=10)
        if pings or text != "2":
            return text


@asynccontextmanager
async def connected(client: Raw, auth: str = "") -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Connect to the namespace over a WebSocket, and read the greetings."""
    async with client.socket() as socket:
        await next_packet(socket)
        await socket.send_str("40" + auth)
        assert (await next_packet(socket)).startswith('40{"sid":"')
        assert (await next_packet(socket)).startswith('42["connection",')
        yield socket
