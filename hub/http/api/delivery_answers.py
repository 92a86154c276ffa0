"""What the API answers about deliveries: whether a user got a publication, and how the hub knows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from hub.deliveries.verdict import Verdict
from hub.descriptions import Channel, Described, Epoch, Missing, Node, Offset, Partial, Timestamp

VerdictName = Annotated[
    str,
    Field(description="in one word: docs/topics/delivery-records.md", json_schema_extra={"enum": [*map(str, Verdict)]}),
]


class DeliveryEvent(Described):
    """Something that happened between a session and the channel."""

    event: Literal["subscribed", "left", "refused", "gap"]
    at: Timestamp
    epoch: Epoch | None = None
    offset: Offset | None = Field(None, description="the newest publication of the channel at that moment")
    since: int | None = Field(None, description="subscribed: the offset that the client said it had seen last")
    recovered: bool | None = Field(None, description="subscribed: all after `since` was replayed")
    replayed_from: int | None = Field(None, description="subscribed: offset of the first publication that was replayed")
    replayed_to: int | None = Field(None, description="subscribed: offset of the last one")
    interval_ms: float | None = Field(None, description="subscribed: at most one publication per key in this time")
    reason: str | None = Field(None, description="left, refused: why; absent when the client asked to leave")


class DeliverySession(Described):
    """A session of the user, and what it had to do with the channel."""

    session: str
    client_id: str
    user: str | None
    address: str
    transport: Annotated[str, Field(json_schema_extra={"enum": ["websocket", "socketio", "sse", "ndjson"]})]
    node: Node
    opened: Timestamp
    closed: Timestamp | None = Field(None, description="absent while it is connected")
    close_code: int | None = Field(None, description="of the WebSocket close, or 1006 when there was none")
    close_reason: str | None = Field(None, description="the code in words, where it is one of the hub's")
    answered: Timestamp | None = Field(
        None, description="when the newest ping was sent that the client answered: what was written before came there"
    )
    events: list[DeliveryEvent] = Field(description="oldest first")
    dropped: int | None = Field(None, description="older events that the records no longer hold")


class DeliveryEvidence(Described):
    """What became of a publication in one session."""

    session: str
    verdict: VerdictName
    explanation: str = Field(description="one sentence")


class DeliveryPublication(Described):
    """A publication; what only history knows is absent when it has left history."""

    epoch: Epoch
    offset: Offset
    in_history: bool
    type: str | None = None
    timestamp: Timestamp | None = None
    key: str | None = None
    bytes: int | None = Field(None, description="length of its data as JSON")
    data: Any = Field(None, description="only for who may read the channel's history")


class Delivery(Described):
    """Whether a publication came to the user."""

    publication: DeliveryPublication
    verdict: VerdictName
    explanation: str = Field(description="one sentence")
    evidence: list[DeliveryEvidence] = Field(description="by session, the newest first")


class Deliveries(Described):
    """Publications of a channel, each with a verdict, and the sessions that the verdicts speak of."""

    channel: Channel
    epoch: Epoch = Field(description="of the channel now")
    offset: Offset = Field(description="newest publication of the channel")
    deliveries: list[Delivery] = Field(description="oldest publication first")
    sessions: list[DeliverySession] = Field(description="newest first")
    more_sessions: int | None = Field(None, description="older sessions that are left out")
    recorded_since: Timestamp = Field(description="the records say nothing of sessions that ended before")
    partial: Partial = None
    missing: Missing = None
