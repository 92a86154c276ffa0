"""A WebSocket too many."""

from __future__ import annotations

import asyncio
from typing import Final

from hub.closing import CloseCode
from hub.frames import frame

_GOODBYE: Final = frame(CloseCode.NORMAL.to_bytes(2, "big"), 0x8)


class Closing(asyncio.Protocol):
    """Closes a WebSocket that nobody needs, in good order."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(_GOODBYE)
        transport.close()
