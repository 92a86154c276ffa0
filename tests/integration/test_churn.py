"""Thousands of clients that come and are killed: nothing of them is left, in the books or in memory."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import random
from collections.abc import Iterator

import psutil
import pytest
import structlog

from hub.session import Session
from hub.transports.websocket import WebSocketConnection
from tests.conformance.raw import PING, close, frame, head, request, text
from tests.live import LiveHub, running, until, with_keys
from tests.proxy import reset

CONNECTS = int(os.environ.get("CHURN_CONNECTS", "10000"))

BATCH = 250

WARM = 3
"""Batches after which caches are full and the allocator has what it needs."""

GROWTH = 6 << 20
"""Bytes that the process may grow by after that: less than 1 KiB per connection."""

CHANNELS = ("system_alerts", "ai_analysis", "room:lobby")

COMMANDS = text(json.dumps([{"action": "subscribe", "channel": channel, "presence": True} for channel in CHANNELS]))

READY = len(CHANNELS)


@pytest.fixture(autouse=True)
def _logs_as_in_production() -> Iterator[None]:
    """Connections are not logged one by one."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    yield
    structlog.configure(**before)


class Visitor(asyncio.Protocol):
    """A client in a few objects: connects, subscribes, and hears when that is done."""

    def __init__(self, client_id: str) -> None:
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._hello = request(path=f"/ws?client_id={client_id}")
        self._replies = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._hello + COMMANDS)

    def data_received(self, data: bytes) -> None:
        self._replies += data.count(b'"status":"success"')
        if self._replies >= READY and not self.ready.done():
            self.ready.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set_result(None)
        if not self.ready.done():
            self.ready.set_result(None)


def kill(visitor: Visitor, how: int) -> None:
    """End a connection in one of many ways."""
    transport = visitor.transport
    match how:
        case 0:
            reset(transport)
        case 1:
            transport.write(close(1000))
        case 2:
            transport.close()  # without a close frame
        case 3:
            transport.write(head(1, 1000) + b"half a frame")
            reset(transport)
        case 4:
            transport.write(frame(PING, b"x") * 20 + COMMANDS)
            reset(transport)
        case _:
            transport.write(b"\xff" * 10)  # no frame at all: the hub closes


async def visit(port: int, client_id: str) -> Visitor:
    """Connect."""
    _, visitor = await asyncio.get_running_loop().create_connection(lambda: Visitor(client_id), "127.0.0.1", port)
    return visitor
