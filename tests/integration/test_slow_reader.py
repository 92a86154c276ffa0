"""A client that stops reading, on a real socket: it is closed with 4002, and nobody else waits for it."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.raw import RawClient, dialled, request, text
from tests.integration.certificate import make_certificate
from tests.live import LiveHub, running, settings_for, until

QUEUE = 200_000
"""Unread bytes that the hub keeps for a client, beside what the kernel holds."""

SIZE = 50_000

MOST = 1000
"""Publications of 50 kB: far more than kernels buffer."""

PROMPT = 1.0
"""Seconds within which a client that reads has each publication, on a busy machine; the usual time is a millisecond."""

SUBSCRIBE = text('{"action": "subscribe", "channel": "system_alerts"}')


def small_socket(port: int) -> socket.socket:
    """Connect a socket whose kernel takes little for a client that doesn't read."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect(("127.0.0.1", port))
    made.setblocking(False)
    return made


@asynccontextmanager
async def subscribed(live: LiveHub, client_id: str, **dialling: Any) -> AsyncIterator[RawClient]:
    """Open a WebSocket and subscribe it."""
    async with dialled(sock=small_socket(live.port), **dialling) as client:
        client.send(request(path=f"/ws?client_id={client_id}"), SUBSCRIBE)
        assert (await client.response()).startswith(b"HTTP/1.1 101 ")
        await client.receive()
        assert json.loads((await client.receive()).payload)["status"] == "success"
        yield client


async def offset(client: RawClient) -> int:
    """Return the offset of the next publication."""
    got: int = json.loads((await client.receive()).payload)["offset"]
    return got


@pytest.mark.parametrize("tls", [False, True], ids=["tcp", "tls"])
async def test_a_client_that_stops_reading_is_closed_with_4002(tls: bool, tmp_path: Path) -> None:
    """Another one on the same channel has every publication at once. Who was slow finds what it got to be gapless,
    up to the close frame, and can recover from there."""
    options: dict[str, Any] = {"limits__queued_bytes": QUEUE, "websocket__close_timeout": 5.0}
    dialling: dict[str, Any] = {}
    if tls:
        made = make_certificate(tmp_path)
        options |= {"server__tls_certificate": str(made.certificate), "server__tls_key": str(made.key)}
        dialling = {"ssl": made.client(), "server_hostname": "127.0.0.1"}
    async with (
        running(settings_for(**options)) as live,
        subscribed(live, "prompt", **dialling) as prompt,
        subscribed(live, "slow", **dialling) as slow,
    ):
        slow.pause_reading()
        (connection,) = live.hub.connections.of_client("slow")
        longest, published = 0.0, 0
        while connection.is_open and published < MOST:
            started = time.monotonic()
            await live.publish("system_alerts", "event", "x" * SIZE)
            published += 1
            assert await offset(prompt) == published
            longest = max(longest, time.monotonic() - started)
            assert connection.queued_bytes <= QUEUE
        assert (connection.close_code, connection.queued_bytes) == (4002, 0)
        assert longest < PROMPT
        slow.resume_reading()
        texts, code = await slow.texts_until_close_frame()
        assert code == 4002
        assert [json.loads(message)["offset"] for message in texts] == list(range(1, len(texts) + 1))
        assert len(texts) < published
        slow.writer.transport.abort()
        await until(lambda: len(live.hub.connections) == 1)
        await live.publish("system_alerts", "event", None)
        assert await offset(prompt) == published + 1


async def test_a_client_that_never_reads_again_is_cut() -> None:
    """The close frame can't reach it: the socket is gone after the close timeout, with all that was kept for it."""
    options = {"limits__queued_bytes": QUEUE, "websocket__close_timeout": 0.2}
    async with running(settings_for(**options)) as live, subscribed(live, "slow") as slow:
        slow.pause_reading()
        for _ in range(MOST):
            await live.publish("system_alerts", "event", "x" * SIZE)
            await asyncio.sleep(0)
        await until(lambda: not len(live.hub.connections))
        assert live.hub.connections.closed == {4002: 1}


async def test_a_client_that_pauses_gets_everything() -> None:
    """As long as the bound isn't reached a pause costs nothing: all comes, in order, and nothing is kept after it."""
    publications = 300
    options = {"limits__queued_bytes": publications * SIZE * 2}
    async with running(settings_for(**options)) as live, subscribed(live, "slow") as slow:
        slow.pause_reading()
        (connection,) = live.hub.connections.of_client("slow")
        for _ in range(publications):
            await live.publish("system_alerts", "event", "x" * SIZE)
            await asyncio.sleep(0)
        await until(lambda: connection.queued_bytes > QUEUE)
        slow.resume_reading()
        offsets = [await offset(slow) for _ in range(publications)]
        assert offsets == list(range(1, publications + 1))
        await until(lambda: not connection.is_slow)
        assert connection.queued_bytes == 0
        await live.publish("system_alerts", "event", None)
        assert await offset(slow) == publications + 1
