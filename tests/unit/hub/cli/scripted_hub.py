"""A hub in a few lines, for tests of clients: it speaks the protocol, and breaks it when told to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

NOW = "2026-11-21T10:15:00.123456Z"
NAMES = ["error_firewall", "db_pool_stats", "system_alerts"]


@dataclass
class ScriptedHub:
    """Its state is open: a test reads and changes it.

    Attributes:
        commands: every command that came, over all connections.
        requests: the upgrade requests.
        greeting: fields that the welcome has instead of its usual ones.
        refusals: errors for the next subscribes of a channel, first one first.
        silent: greet nobody.
        answer: HTTP status and body instead of the next upgrades.
    """

    url: str = ""
    epoch: str = "e1"
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tops: dict[str, int] = field(default_factory=dict)
    commands: list[dict[str, Any]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    greeting: dict[str, Any] = field(default_factory=dict)
    refusals: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    answer: tuple[int, bytes] | None = None
    silent: bool = False
    members: dict[ServerConnection, set[str]] = field(default_factory=dict)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[ScriptedHub]:
        """Listen on a free port as long as the block runs."""
        async with serve(self._talk, "127.0.0.1", 0, process_request=self._upgrade) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            self.url = f"http://127.0.0.1:{port}"
            yield self

    def _upgrade(self, connection: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        if self.answer is None:
            return None
        status, body = self.answer
        return Response(status, "Refused", Headers({"Content-Length": str(len(body))}), body)

    async def _talk(self, connection: ServerConnection) -> None:
        self.members[connection] = set()
        welcome = {"type": "connection", "status": "connected", "client_id": "me", "available_channels": NAMES}
        try:
            if not self.silent:
                await send(connection, {**welcome, "idle_timeout": 300.0, **self.greeting})
            async for text in connection:
                await self._answer(connection, json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            del self.members[connection]

    async def _answer(self, connection: ServerConnection, command: dict[str, Any]) -> None:
        self.commands.append(command)
        if command["action"] != "subscribe":
            return
        channel = command["channel"]
        if self.refusals.get(channel):
            await send(connection, {"type": "error", "id": command["id"], **self.refusals[channel].pop(0)})
            return
        self.members[connection].add(channel)
        missed, recovered = self._since(channel, command.get("since"))
        top = {"epoch": self.epoch, "offset": self.tops.get(channel, 0)}
        reply = {"type": "subscribe", "id": command["id"], "channel": channel, "status": "success", "subscribers": 1}
        await send(connection, {**reply, **top, **recovered})
        for message in missed:
            await send(connection, message)

    def _since(self, channel: str, since: dict[str, Any] | None) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        if since is None:
            return [], {}
        kept = self.history.get(channel, [])
        same = since.get("epoch", self.epoch) == self.epoch
        missed = [message for message in kept if not same or message["offset"] > since["offset"]]
        whole = same and len(missed) == self.tops.get(channel, 0) - since["offset"]
        return missed, {"recovered": whole, "replayed": len(missed)}

    async def publish(self, channel: str, data: Any = None, type: str = "event", **fields: Any) -> None:
        """Keep a publication, and send it to whoever is on the channel."""
        offset = self.tops[channel] = self.tops.get(channel, 0) + 1
        position = {"epoch": self.epoch, "offset": offset}
        message = {"type": type, "channel": channel, "data": data, "timestamp": NOW, **position, **fields}
        self.history.setdefault(channel, []).append(message)
        await self.send(message, channel)

    async def send(self, message: Any, channel: str | None = None) -> None:
        """Send anything to all clients, or to those on a channel."""
        for connection, channels in list(self.members.items()):
            if channel is None or channel in channels:
                await send(connection, message)

    async def drop(self, code: int, reason: str = "") -> None:
        """Close all connections."""
        for connection in list(self.members):
            await connection.close(code, reason)

    def cut(self) -> None:
        """Let all connections end without a word."""
        for connection in list(self.members):
            connection.transport.abort()


async def send(connection: ServerConnection, message: Any) -> None:
    """Send a message as JSON, and text as it is."""
    await connection.send(message if isinstance(message, str) else json.dumps(message))
