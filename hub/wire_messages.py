"""What the hub sends, described: one model per message of the plain protocol.

The hub doesn't build its messages from these models; it writes them directly. They are the source of the AsyncAPI
document, and a test holds every message of a live hub against them.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, get_args

from pydantic import Field

from channels.errors import ErrorCode
from hub.chat_descriptions import SendMessageReply, StopRunReply, StopSessionReply
from hub.descriptions import (
    Channel,
    Code,
    Described,
    Epoch,
    NotPlaced,
    Offset,
    Placed,
    Presence,
    Problem,
    Publication,
    Reply,
    RequestId,
    Statistics,
    Subscribers,
    Timestamp,
)

HTTP_ONLY: Final = frozenset({ErrorCode.TOO_MANY_CONNECTIONS})
"""Error codes that no message has: only answers to HTTP requests."""


class Direct(Described):
    """A message to this client alone. It has no channel and no position, and is not recovered."""

    type: str
    data: Any = Field(description="any JSON")
    timestamp: Timestamp


# Greetings.

Operator = Annotated[
    Literal[True] | None, Field(description="the client may use the operators' API, and follow the operators' channels")
]
ExpiresIn = Annotated[float | None, Field(ge=0, description="seconds that its token has; absent: it has no end")]


class Limits(Described):
    """The bounds of this connection."""

    message_bytes: int
    commands_per_second: float
    command_burst: int
    subscriptions: int
    queued_bytes: int
    batch: int


class Welcome(Described):
    """The first message to an authenticated connection."""

    type: Literal["connection"]
    status: Literal["connected"]
    client_id: str
    session: str
    user: str | None
    timestamp: Timestamp
    protocol: Literal[1]
    available_channels: list[str] = Field(description="named channels that this client may subscribe to")
    heartbeat: float = Field(description="seconds between two pings of the hub; 0: none")
    idle_timeout: float = Field(description="seconds without a command and a publication before the close; 0: never")
    limits: Limits
    operator: Operator = None
    expires_in: ExpiresIn = None
    id: RequestId = Field(None, description="of the authenticate that it answers")


class Unauthenticated(Described):
    """The first message to a connection that must send authenticate first."""

    type: Literal["connection"]
    status: Literal["unauthenticated"]
    client_id: str
    session: str
    timestamp: Timestamp


# Replies.


class SubscribeReply(Reply):
    """The connection is on the channel."""

    type: Literal["subscribe"]
    channel: Channel
    status: Literal["success"]
    subscribers: Subscribers
    epoch: Epoch | None = None
    offset: Offset | None = None
    recovered: bool | None = Field(None, description="everything after since follows; false: there may be a gap")
    replayed: int | None = Field(None, ge=0, description="publications that follow at once")


class UnsubscribeReply(Reply):
    """The connection is off the channel."""

    type: Literal["unsubscribe"]
    channel: Channel
    status: Literal["success"]


class PublishReply(Reply):
    """What became of a publication, per channel."""

    type: Literal["publish"]
    status: Literal["success"]
    results: list[Placed | NotPlaced]


class HistoryReply(Reply):
    """A piece of a channel's history."""

    type: Literal["history"]
    channel: Channel
    publications: list[Publication]
    epoch: Epoch
    offset: Offset
    recovered: bool | None = Field(None, description="these are all publications after since")


class PresenceReply(Reply):
    """Who is on a channel."""

    type: Literal["presence_state"]
    channel: Channel
    clients: int = Field(ge=0, description="connections")
    users: int = Field(ge=0, description="different users")
    members: list[Presence] | None = None


class StatsReply(Reply):
    """The hub's numbers."""

    type: Literal["stats"]
    data: Statistics


class Pong(Reply):
    """A sign of life."""

    type: Literal["pong"]
    timestamp: Timestamp
    data: Any = Field(None, description="what came with the ping")


class RefreshReply(Reply):
    """The new token is in force."""

    type: Literal["refresh"]
    status: Literal["success"]
    expires_in: float | None = Field(description="seconds that the new token has; null: it doesn't end")


class ErrorReply(Problem):
    """A command was refused. The connection stays open."""

    type: Literal["error"]
    id: RequestId = Field(None, description="of the command")
    action: str | None = Field(None, description="of the command")
    suggestions: list[str] | None = Field(None, description="names of agents that are like the one that isn't there")
    agents: list[str] | None = Field(None, description="names of agents, when it isn't clear which one is meant")
    run_id: str | None = Field(None, description="the run that is in the way")


# Notices.


class UnsubscribedNotice(Described):
    """The hub ended a subscription."""

    type: Literal["unsubscribed"]
    channel: Channel
    code: Code
    message: str


class Someone(Described):
    """A client, as others see it."""

    client_id: str
    user: str | None
    session: str


class PresenceNotice(Described):
    """Someone came or went."""

    type: Literal["presence"]
    channel: Channel
    event: Literal["join", "leave"]
    client: Someone
    timestamp: Timestamp


class PositionNotice(Described):
    """A publication was withheld from this client (`except`, `echo: false`): its place in the stream is taken."""

    type: Literal["position"]
    channel: Channel
    epoch: Epoch | None = None
    offset: Offset | None = None


class GapNotice(Described):
    """Publications after the last one that this client got, up to this position, can't be delivered any more. What
    follows continues after it: take it as the new position, and tell the user."""

    type: Literal["gap"]
    channel: Channel
    epoch: Epoch
    offset: Offset
    timestamp: Timestamp


class Degraded(Described):
    """The hub has lost its broker. The connection stays; publications may be late; positions stay valid."""

    type: Literal["degraded"]
    reason: str
    timestamp: Timestamp


class Restored(Described):
    """The broker is back. Everything missed has been, or is being, delivered in order."""

    type: Literal["restored"]
    timestamp: Timestamp


class TokenExpiring(Described):
    """The token ends soon: send refresh."""

    type: Literal["token_expiring"]
    seconds: float


class Reconnect(Described):
    """The connection will be closed: wait so long, then come back."""

    type: Literal["reconnect"]
    delay_ms: int = Field(ge=0)
    reason: str


Greeting = Welcome | Unauthenticated
Notice = (
    UnsubscribedNotice | PresenceNotice | PositionNotice | GapNotice | Degraded | Restored | TokenExpiring | Reconnect
)

GREETINGS: Final[tuple[type[Described], ...]] = get_args(Greeting)
NOTICES: Final[tuple[type[Described], ...]] = get_args(Notice)
REPLIES: Final[dict[str, type[Described]]] = {
    "subscribe": SubscribeReply,
    "unsubscribe": UnsubscribeReply,
    "publish": PublishReply,
    "history": HistoryReply,
    "presence": PresenceReply,
    "stats": StatsReply,
    "get_stats": StatsReply,
    "ping": Pong,
    "authenticate": Welcome,
    "refresh": RefreshReply,
    "send_message": SendMessageReply,
    "stop_run": StopRunReply,
    "stop_session": StopSessionReply,
}
"""What answers each action; besides, there is `ErrorReply`."""

MESSAGES: Final[tuple[type[Described], ...]] = tuple(
    dict.fromkeys((Publication, Direct, *GREETINGS, *REPLIES.values(), ErrorReply, *NOTICES))
)
"""Every message, each once."""
