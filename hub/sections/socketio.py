"""The options of Socket.IO."""

from __future__ import annotations

from pydantic import Field

from hub.option_types import Name, Section


class SocketIoOptions(Section):
    """Clients that speak Socket.IO (`socket.io-client` 4)."""

    enabled: bool = Field(True, description="serve them")
    path: str = Field(
        "/socket.io/",
        pattern=r"^/[A-Za-z0-9/_.-]*/$",
        description="path of the endpoint, as the client's option `path`",
    )
    channels: tuple[Name, ...] = Field(
        (),
        description="channels that a client is subscribed to when it connects, as far as it may be and unless it names "
        "others",
        examples=[["system_alerts"]],
    )
    recovery: bool = Field(
        True,
        description="have clients remember the position of the last event, and go on behind it when they reconnect "
        "(`connectionStateRecovery`)",
    )
