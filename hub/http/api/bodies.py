"""What requests to the API carry: bodies in JSON, and queries."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from channels.model import NAME_MAX, NAME_PATTERN, Position
from hub.listing import SortBy
from hub.wire import ChannelName, Key, TypeName, Version

Name = Annotated[str, Field(pattern=NAME_PATTERN)]


def _one_of(*names: str, example: JsonDict) -> JsonDict:
    return {"oneOf": [{"required": [name]} for name in names], "examples": [example]}


_PUBLICATION: Final[JsonDict] = {"channel": "system_alerts", "type": "note", "data": {"text": "Hello"}}


class Body(BaseModel):
    """Base of all bodies. Wrong types are refused, not converted; unknown fields too."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Content(Body):
    """What is published, wherever."""

    type: TypeName
    data: Any = Field(description="any JSON, up to 100 levels deep")
    key: Key | None = Field(None, description="conflation key, on a channel with conflate: key")
    idempotency_key: Key | None = Field(
        None, description="publishing again with it within 5 minutes changes nothing; also a header, Idempotency-Key"
    )
    version: Version | None = Field(
        None, description="of what is told about; not published unless it is newer than the channel's newest"
    )
    except_: Name | None = Field(None, alias="except", description="client id that is not to get it")


class PublishBody(Content):
    """A publication for one channel, or the same for several."""

    model_config = ConfigDict(json_schema_extra=_one_of("channel", "channels", example=_PUBLICATION))

    channel: ChannelName | None = None
    channels: Annotated[list[ChannelName], Field(min_length=1, max_length=100)] | None = None

    @model_validator(mode="after")
    def _one_way_to_say_where(self) -> PublishBody:
        if (self.channel is None) == (self.channels is None):
            raise ValueError("give either channel or channels")
        return self


class PublishItem(Content):
    """One of several publications."""

    channel: ChannelName


class PublishBatchBody(Body):
    """Publications that have nothing to do with each other."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"publications": [_PUBLICATION]}]})

    publications: list[PublishItem] = Field(min_length=1, description="at most limits.batch, 100 unless configured")


class DisconnectBody(Body):
    """Whom to disconnect."""

    model_config = ConfigDict(
        json_schema_extra=_one_of("client_id", "user", "session", example={"client_id": "browser-7"})
    )

    client_id: str | None = None
    user: str | None = None
    session: str | None = None
    ban: bool = Field(
        False, description="tell it not to come back (4504 in place of 4003); to keep it out, revoke its token too"
    )

    @model_validator(mode="after")
    def _one_way_to_say_whom(self) -> DisconnectBody:
        if sum(value is not None for value in (self.client_id, self.user, self.session)) != 1:
            raise ValueError("give one of client_id, user and session")
        return self


class SendBody(Body):
    """A message to one client."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"client_id": "browser-7", "type": "note", "data": {"text": "Hello"}}]}
    )

    client_id: str
    type: TypeName
    data: Any = Field(description="any JSON, up to 100 levels deep")


class RevokeBody(Body):
    """A token, or all tokens that a user was issued until now."""

    model_config = ConfigDict(json_schema_extra=_one_of("token_id", "user", example={"user": "alice"}))

    token_id: Annotated[str, Field(min_length=1, max_length=128, description="`jti` of the token")] | None = None
    user: Name | None = None

    @model_validator(mode="after")
    def _one_way_to_say_which(self) -> RevokeBody:
        if (self.token_id is None) == (self.user is None):
            raise ValueError("give either token_id or user")
        return self


class TicketBody(Body):
    """What a ticket is to be good for. All of it is optional, and so is the body."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"channels": ["system_alerts"]}]})

    channels: Annotated[list[ChannelName], Field(min_length=1, max_length=100)] | None = Field(
        None, description="the only channels that it opens; all that the token allows without it"
    )
    lifetime: float | None = Field(None, gt=0, description="seconds, if less than events.ticket_lifetime")


class Query(BaseModel):
    """Base of all queries. An unknown parameter is refused, so that a misspelt one isn't silently without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HistoryQuery(Query):
    """Which piece of history."""

    since: Annotated[str, Field(pattern=r"^[^:]{0,64}:[0-9]{1,18}$")] | None = Field(
        None, description="EPOCH:OFFSET, what came after this position; :0 is all that history holds"
    )
    limit: int = Field(100, ge=0, le=1000, description="publications at most")
    reverse: bool = Field(False, description="newest first")

    def position(self) -> Position | None:
        """Return `since`."""
        if self.since is None:
            return None
        epoch, _, offset = self.since.rpartition(":")
        return Position(epoch, int(offset))


class PresenceQuery(Query):
    """How much of presence."""

    members: bool = Field(True, description="false: only the counts")


class ConnectionsQuery(Query):
    """Which connections."""

    user: str | None = None
    client_id: str | None = None
    channel: str | None = None
    search: Annotated[str, Field(min_length=1, max_length=NAME_MAX)] | None = Field(
        None, description="part of the client id, user, address or session; small and capital letters are different"
    )
    sort: SortBy = Field("opened", description="latency and queued_bytes: the slow ones; what isn't known comes last")
    order: Literal["asc", "desc"] | None = Field(
        None, description="without it opened is asc (the oldest first), everything else desc"
    )
    limit: int = Field(100, ge=0, le=1000, description="connections at most")
    offset: int = Field(0, ge=0, description="connections to leave out at the beginning")


class DeliveriesQuery(Query):
    """Which deliveries. Give one of user, client_id and session; without offset the newest publications."""

    user: str | None = None
    client_id: str | None = None
    session: str | None = None
    channel: ChannelName
    offset: int | None = Field(None, ge=1, description="of the publication that is asked about")
    epoch: str | None = Field(None, max_length=64, description="of that offset; without it the channel's epoch now")
    timestamp: AwareDatetime | None = Field(
        None, description="without offset: publications from this time on; with it: when it was published, if known"
    )
    limit: int = Field(20, ge=1, le=100, description="publications at most")

    @model_validator(mode="after")
    def _one_way_to_say_whom(self) -> DeliveriesQuery:
        if sum(value is not None for value in (self.user, self.client_id, self.session)) != 1:
            raise ValueError("give one of user, client_id and session")
        return self


class MetricsQuery(Query):
    """Whose metrics."""

    scope: Literal["hub", "process"] = Field(
        "hub", description="hub: all processes; process: only the one that the request reaches"
    )
