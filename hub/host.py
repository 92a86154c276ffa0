"""What connections need of the hub around them (`hub.transports.websocket.Host`)."""

from __future__ import annotations

import asyncio

from channels.engine import Engine
from hub.connections import Connections
from hub.outbox import Outbox
from hub.transports.websocket import WebSocketConnection
from hub.wheel import Wheel


class Host:
    """Their clock, their deadlines and their end.

    Attributes:
        max_bytes: longest message that is taken.
        wheel: set by who makes both, before the first connection.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, engine: Engine, connections: Connections, max_bytes: int
    ) -> None:
        self.max_bytes = max_bytes
        self.clock = loop.time
        self.wheel: Wheel[WebSocketConnection] | None = None
        self._engine = engine
        self._connections = connections

    def closing(self, connection: WebSocketConnection) -> None:
        self._engine.leave(connection)
        self.look(connection)

    def lost(self, connection: WebSocketConnection) -> None:
        self._engine.leave(connection)
        self._connections.remove(connection)

    def look(self, connection: Outbox) -> None:
        """Have the connection's deadlines looked at in the next turn."""
        if self.wheel is not None and isinstance(connection, WebSocketConnection):
            self.wheel.schedule(connection, self.clock())
