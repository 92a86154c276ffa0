"""What messages and HTTP answers are made of, described: the base of their models, and the models that both have."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from channels.errors import ErrorCode


def _tell_what_a_client_sees(schema: dict[str, Any]) -> None:
    """Turn "null by default" into "may be absent", and close nothing: clients ignore fields that they don't know."""
    schema.pop("additionalProperties", None)
    for field in schema.get("properties", {}).values():
        if "default" not in field or field["default"] is not None:
            continue
        del field["default"]
        kinds = [kind for kind in field.pop("anyOf", []) if kind != {"type": "null"}]
        field.update(kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})


class Described(BaseModel):
    """Base of all that the hub sends. A field that is `None` by default is absent on the wire, never null."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        json_schema_extra=_tell_what_a_client_sees,
    )

    @property
    def http_status(self) -> int:
        """Status of the HTTP answer that this is."""
        return 200


Code = Annotated[
    str, Field(description="what is wrong, for programs", json_schema_extra={"enum": [code.word for code in ErrorCode]})
]
RequestId = Annotated[str, Field(max_length=64)] | int | None
Timestamp = Annotated[str, Field(description="UTC, ISO 8601", json_schema_extra={"format": "date-time"})]
Id = Annotated[str, Field(json_schema_extra={"format": "uuid"})]
Channel = Annotated[str, Field(description="name of the channel")]
Epoch = Annotated[str, Field(description="which life of the channel's stream the offset belongs to")]
Offset = Annotated[int, Field(ge=0, description="place in the channel's stream, rising by one")]
Subscribers = Annotated[int, Field(ge=0, description="connections on the channel")]


class Reply(Described):
    """The one answer to a command."""

    id: RequestId = Field(None, description="of the command")


class Problem(Described):
    """Why something was refused."""

    code: Code
    message: str = Field(description="what was expected, what came, what to do: for people")
    temporary: bool = Field(description="the same may succeed later")
    channel: Channel | None = None
    path: str | None = Field(None, description="JSON pointer to the wrong part of data")
    limit: int | None = Field(None, description="the limit that was broken")
    retry_after: float | None = Field(None, description="seconds after which to try again")
    reference: str | None = Field(None, description="what the hub's log has it under")
    available_channels: list[str] | None = Field(None, description="the named channels that there are for the caller")
    available_actions: list[str] | None = Field(None, description="the actions that there are")


class Publication(Described):
    """Something was published on a channel. Whatever its type: only publications have both `channel` and `data`."""

    type: str
    channel: Channel
    data: Any = Field(description="any JSON")
    timestamp: Timestamp
    epoch: Epoch | None = None
    offset: Offset | None = None
    key: str | None = Field(None, description="conflated channels: replaces the publication with the same key")


class Placed(Described):
    """Where a publication went."""

    channel: Channel
    epoch: Epoch | None = None
    offset: Offset | None = None
    subscribers: Subscribers
    duplicate: bool = Field(
        description="it was published before with the same idempotency key; nothing was delivered again"
    )
    superseded: Literal[True] | None = Field(
        None, description="its version is not newer than the channel's; it was not published"
    )
    queued: Literal[True] | None = Field(
        None, description="the broker is away; it is published when that is back, and has no position until then"
    )

    @property
    def http_status(self) -> int:
        """202: accepted, and not yet done."""
        return 202 if self.queued else 200


class NotPlaced(Described):
    """Why one of several publications was refused; the others are not touched by that."""

    channel: Channel
    error: Problem


class Presence(Described):
    """One connection that is on a channel."""

    client_id: str
    user: str | None
    session: str
    since: Timestamp


Clients = Annotated[int, Field(ge=0, description="connections now")]
Channels = Annotated[int, Field(ge=0, description="channels with subscribers now")]
Sent = Annotated[int, Field(ge=0, description="publications handed to connections since the start")]
Ever = Annotated[int, Field(ge=0, description="connections since the start")]
Node = Annotated[str, Field(description="the process, by a name that it has until it ends")]
Partial = Annotated[
    Literal[True] | None, Field(description="not all processes could be asked: this may not be the whole")
]
Missing = Annotated[list[str] | None, Field(description="processes that did not answer in time, as far as known")]


class NodeStatistics(Described):
    """One process's numbers."""

    node: Node
    age: float = Field(ge=0, description="seconds since they were taken")
    total_clients: Clients
    total_channels: Channels
    total_messages_sent: Sent
    total_connections_ever: Ever


class Statistics(Described):
    """The hub's numbers, over all its processes."""

    total_clients: Clients
    total_channels: Channels
    total_messages_sent: Sent
    total_connections_ever: Ever
    channel_stats: dict[str, int] = Field(
        description="subscribers per channel, of the channels that the caller may see"
    )
    active_channels: list[str] = Field(description="the names of these channels")
    nodes: list[NodeStatistics] | None = Field(None, description="of each process, for operators")
    partial: Partial = None
