"""Why a connection is closed: one table of close codes. 4000 to 4499 ask for a new connection, 4500 to 4999 don't."""

from __future__ import annotations

from enum import IntEnum


class CloseCode(IntEnum):
    """Every code that the hub closes a WebSocket with. `docs/protocol.md`, section 6, has the same table."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    INVALID_PAYLOAD = 1007
    MESSAGE_TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    HEARTBEAT_LOST = 4000
    IDLE = 4001
    SLOW_CONSUMER = 4002
    DISCONNECTED = 4003
    AUTHENTICATION_TIMEOUT = 4004
    INVALID_TOKEN = 4500
    TOKEN_EXPIRED = 4501
    TOKEN_REVOKED = 4502
    ABUSIVE = 4503
    BANNED = 4504

    @property
    def label(self) -> str:
        """The code in words, as in the close reason and in metrics."""
        return self.name.lower().replace("_", " ")


def should_reconnect(code: int) -> bool:
    """Tell whether a client that was closed with `code` should connect again."""
    return code in (1001, 1005, 1006, 1011, 1012, 1013) or 4000 <= code < 4500
