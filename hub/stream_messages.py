"""The messages that only event streams have, described as in `hub.wire_messages`."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from hub.descriptions import Described, Publication, Timestamp
from hub.wire_messages import NOTICES, Direct, ExpiresIn, Operator, SubscribeReply


class StreamWelcome(Described):
    """The first message of an event stream."""

    type: Literal["connection"]
    status: Literal["connected"]
    client_id: str
    session: str
    user: str | None
    timestamp: Timestamp
    protocol: Literal[1]
    channels: list[str] = Field(description="the channels that were asked for, in their order")
    heartbeat: float = Field(description="seconds between two signs of life; 0: none")
    operator: Operator = None
    expires_in: ExpiresIn = None


class Heartbeat(Described):
    """A sign of life, in JSON lines. Server-Sent Events have a comment instead."""

    type: Literal["heartbeat"]
    timestamp: Timestamp


class StreamClose(Described):
    """The last message, where the hub ends the stream."""

    type: Literal["close"]
    code: int = Field(description="close code, as of a WebSocket")
    reason: str
    reconnect: bool = Field(description="whether to come back")


OWN: Final[tuple[type[Described], ...]] = (StreamWelcome, Heartbeat, StreamClose)

MESSAGES: Final[tuple[type[Described], ...]] = (Publication, Direct, SubscribeReply, *NOTICES, *OWN)
"""Every message that a stream may have, each once."""
