"""What messages and HTTP answers are made of, described: the base of their models, and the models that both have."""

from __future__ import annotations

from typing import Annotated, Any

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


Code = Annotated[
    str, Field(description="what is wrong, for programs", json_schema_extra={"enum": [code.word for code in ErrorCode]})
]
Timestamp = Annotated[str, Field(description="UTC, ISO 8601", json_schema_extra={"format": "date-time"})]
Channel = Annotated[str, Field(description="name of the channel")]
Epoch = Annotated[str, Field(description="which life of the channel's stream the offset belongs to")]
Offset = Annotated[int, Field(ge=0, description="place in the channel's stream, rising by one")]
Subscribers = Annotated[int, Field(ge=0, description="connections on the channel")]


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


class Statistics(Described):
    """The hub's numbers."""

    total_clients: int = Field(ge=0, description="connections now")
    total_channels: int = Field(ge=0, description="channels with subscribers now")
    total_messages_sent: int = Field(ge=0, description="publications handed to connections since the start")
    total_connections_ever: int = Field(ge=0, description="connections since the start")
    channel_stats: dict[str, int] = Field(
        description="subscribers per channel, of the channels that the caller may see"
    )
    active_channels: list[str] = Field(description="the names of these channels")
