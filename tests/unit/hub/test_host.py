"""What connections need of the hub: a clock, an eye on their deadlines, and somebody who forgets them."""

from __future__ import annotations

import asyncio

from channels.engine import Engine
from hub.connections import Connections
from hub.host import Host
from hub.options import LimitOptions
from hub.transports.websocket import WebSocketConnection
from hub.wheel import Wheel
from tests.unit.hub.stage import PLAIN, Stage
from tests.unit.hub.transports.manual import ManualTransport


def host_of(engine: Engine, connections: Connections) -> tuple[Host, asyncio.Queue[WebSocketConnection]]:
    loop = asyncio.get_running_loop()
    looked: asyncio.Queue[WebSocketConnection] = asyncio.Queue()
    host = Host(loop, engine, connections, 1000)
    host.wheel = Wheel(loop, looked.put_nowait)
    return host, looked


async def test_a_connection_that_ends_is_forgotten() -> None:
    """By the engine and by the directory, when its socket is gone; the engine already when it closes."""
    stage = Stage()
    connections = Connections(LimitOptions())
    host, _ = host_of(stage.engine, connections)
    assert host.max_bytes == 1000
    connection = WebSocketConnection(host, "tab", "s-1", PLAIN, 1000)
    assert connection.opened <= asyncio.get_running_loop().time()
    connection.connection_made(ManualTransport(connection))
    connections.add(connection)
    await stage.engine.subscribe(connection, "fleeting")
    connection.close(1000, "")
    assert stage.engine.registry.counts() == {}
    assert [*connections] == [connection]
    connection.connection_lost(None)
    assert [*connections] == []


async def test_deadlines_are_looked_at_in_the_next_turn() -> None:
    """Of WebSockets; what has no socket has no deadlines here."""
    stage = Stage()
    host, looked = host_of(stage.engine, Connections(LimitOptions()))
    connection = WebSocketConnection(host, "tab", "s-1", PLAIN, 1000)
    assert host.wheel is not None
    host.wheel.start()
    host.look(connection)
    host.look(stage.seat("other").connection)
    async with asyncio.timeout(5):
        assert await looked.get() is connection
    host.wheel.stop()
    assert looked.empty()
