"""What the API answers, and how an answer becomes JSON."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal, Protocol, TypedDict

import orjson
from pydantic import BaseModel, Field

from channels.policy import Access
from hub.descriptions import (
    Channel,
    Code,
    Described,
    Epoch,
    Missing,
    Node,
    NotPlaced,
    Offset,
    Partial,
    Placed,
    Presence,
    Problem,
    Publication,
    Subscribers,
    Timestamp,
)

Rule = Annotated[str, Field(json_schema_extra={"enum": [access.value for access in Access]})]


class Failure(Described):
    """Every answer with a status of 400 or more."""

    error: Problem


class ProblemDetails(Described):
    """Every answer below `/my` and `/auth` with a status of 400 or more (RFC 9457). Some have further members."""

    type: Literal["about:blank"]
    title: str = Field(description="what the status means")
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="what was expected, what came, what to do: for people")
    code: Code
    temporary: bool = Field(description="the same may succeed later")
    timestamp: Timestamp
    limit: int | None = Field(None, description="the limit that was broken")
    retry_after: float | None = Field(None, description="seconds after which to try again")
    reference: str | None = Field(None, description="what the hub's log has it under")


class Results(Described):
    """One result per publication, in their order."""

    results: list[Placed | NotPlaced]


class Options(Described):
    """How a channel behaves."""

    history_size: int = Field(description="publications kept")
    history_age: float = Field(description="seconds a publication is kept")
    recover: bool = Field(description="a client that reconnects gets what it missed")
    conflate: str = Field(description="what makes the key of a publication; empty: no conflation")
    has_schema: bool = Field(description="data must match a schema")
    subscribe: Rule
    publish: Rule
    history: Rule
    presence: Rule
    max_rate: float = Field(description="publications per second; 0: no limit")
    max_bytes: int = Field(description="longest data; 0: no limit of its own")


class ChannelState(Described):
    """A channel now."""

    channel: Channel
    subscribers: Subscribers
    epoch: Epoch | None = None
    offset: Offset | None = None
    options: Options
    schema_: dict[str, Any] | None = Field(
        None, alias="schema", description="JSON Schema that data must match, where one channel is asked for"
    )


class ChannelList(Described):
    """The named channels that the caller may subscribe to and its own `user:` channel; all named ones for operators."""

    channels: list[ChannelState]


class HistoryPiece(Described):
    """A piece of a channel's history."""

    channel: Channel
    publications: list[Publication]
    epoch: Epoch
    offset: Offset
    recovered: bool | None = Field(None, description="these are all publications after since")


class PresenceState(Described):
    """Who is on a channel."""

    channel: Channel
    clients: int = Field(ge=0, description="connections")
    users: int = Field(ge=0, description="different users")
    members: list[Presence] | None = None


class Members(Described):
    """Who belongs to a channel."""

    channel: Channel
    members: list[str] = Field(description="users that were added")
    configured: list[str] = Field(description="users that belong to it by configuration")


class Expelled(Described):
    """What taking a membership away did."""

    ended: int = Field(ge=0, description="subscriptions that ended with it")
    partial: Partial = None
    missing: Missing = None


class ConnectionState(Described):
    """A connection now."""

    client_id: str
    session: str
    user: str | None
    address: str
    node: Node
    transport: Annotated[str, Field(json_schema_extra={"enum": ["websocket", "socketio", "sse", "ndjson"]})]
    channels: list[str]
    opened: float = Field(ge=0, description="seconds since it was opened")
    queued_bytes: int = Field(ge=0, description="bytes that wait because the client doesn't read")
    slow: bool = Field(description="the client doesn't keep up")
    latency_ms: float | None = Field(
        None, ge=0, description="from the newest ping to its pong; absent before the first, and on one-way streams"
    )
    user_agent: str | None = Field(None, description="what the client calls itself, cut off after 128 characters")


class ConnectionList(Described):
    """Connections of all processes, in the order that was asked for."""

    connections: list[ConnectionState]
    total: int = Field(ge=0, description="how many there are with these properties")
    partial: Partial = None
    missing: Missing = None


class Disconnected(Described):
    """How many connections were closed."""

    disconnected: int = Field(ge=0)
    partial: Partial = None
    missing: Missing = None


class Sent(Described):
    """How many connections a message went to: those with the client id."""

    connections: int = Field(ge=1)
    partial: Partial = None
    missing: Missing = None


class Ticket(Described):
    """Opens one event stream, in a URL: `/events?channels=...&ticket=...`."""

    ticket: str
    expires_in: float = Field(gt=0, description="seconds within which it must be used")


class Alive(Described):
    """The hub runs. A page learns here what it may offer before somebody has signed in."""

    status: Literal["alive"]
    agents: Literal[True] | None = Field(None, description="accounts, agents and chat are on (agents.enabled)")
    registration: Literal[True] | None = Field(
        None, description="anybody may make an account (agents.accounts.registration)"
    )


class Ready(Described):
    """The hub takes new connections."""

    status: Literal["ready"]
    degraded: Literal[True] | None = Field(
        None,
        description="the broker is away: publications may be late, connections stay; or the agents' database is, which "
        "`agents` tells",
    )
    agents: Literal["unavailable"] | None = Field(None, description="accounts, agents and chat can't be used now")


class _Gathered(Protocol):
    """What was gathered from several processes."""

    @property
    def missing(self) -> tuple[str, ...]: ...

    @property
    def partial(self) -> bool: ...


class WholeOrNot(TypedDict):
    """The fields that say whether an answer is the whole truth; absent when it is."""

    partial: Literal[True] | None
    missing: list[str] | None


def whole_or_not(gathered: _Gathered) -> WholeOrNot:
    """Return the fields `partial` and `missing`."""
    if not gathered.partial:
        return {"partial": None, "missing": None}
    return {"partial": True, "missing": list(gathered.missing)}


def encode_answer(answer: Described) -> bytes:
    """Write an answer as JSON."""
    return orjson.dumps(answer, _fields)


def _fields(value: Any) -> dict[str, Any]:
    """Return what is there of a model; what is `None` by default is absent. A body's model is repeated whole."""
    if isinstance(value, BaseModel) and not isinstance(value, Described):
        return value.model_dump(mode="json")
    if not isinstance(value, Described):
        raise TypeError(f"{type(value).__name__} has no place in an answer")
    required, names = _shape(type(value))
    return {names[name]: field for name, field in vars(value).items() if field is not None or name in required}


@cache
def _shape(model: type[Described]) -> tuple[frozenset[str], dict[str, str]]:
    """Return which fields are always there, and what each is called on the wire."""
    fields = model.model_fields.items()
    return frozenset(name for name, field in fields if field.is_required()), {
        name: field.alias or name for name, field in fields
    }
