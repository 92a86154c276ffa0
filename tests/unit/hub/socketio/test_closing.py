"""A WebSocket that nobody needs."""

from __future__ import annotations

from hub.socketio.closing import Closing
from tests.unit.hub.transports.manual import ManualTransport


async def test_a_websocket_too_many() -> None:
    """Is closed in good order."""
    closing = Closing()
    transport = ManualTransport(closing)
    closing.connection_made(transport)
    assert (bytes(transport.sent), transport.is_closing()) == (b"\x88\x02\x03\xe8", True)
