"""What every endpoint below `/my` needs: whose request it is, the ids in its path, and pages of lists."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, NamedTuple, TypeVar
from uuid import UUID

import orjson
from pydantic import Field
from structlog.contextvars import bind_contextvars

from channels.errors import ErrorCode, ReplyError
from hub.adapters.agents.ids import id_from
from hub.descriptions import Described
from hub.http.api.bodies import Query
from hub.http.api.endpoint import Call, Hub

if TYPE_CHECKING:
    from agents.store.scope import Scope
    from hub.adapters.agents.parts import Parts

OFF: Final = "agents are off; set agents.enabled: true"

LOGGED: Final = frozenset({"session_id", "agent_id", "run_id", "memory_id"})
"""Ids of a path that stand in the log lines of a request."""

LIMIT: Final = 50
LIMIT_MAX: Final = 200

_YEARS: Final = (1970, 9000)
"""Of times in cursors: beyond them a time can't be turned into that of every zone."""

T = TypeVar("T", bound=Described)


def parts_of(hub: Hub) -> Parts:
    """Return what the agents are made of.

    Raises:
        ReplyError: `not_found` when they are off; `unavailable` until their database is up.
    """
    agents = hub.adapters.agents
    if agents is None:
        raise ReplyError(ErrorCode.NOT_FOUND, OFF)
    return agents.parts


async def member(hub: Hub, call: Call[Any, Any]) -> tuple[Parts, Scope]:
    """Return the agents' parts, and the scope of the user who calls. From here on the request's log lines name the
    user.

    Raises:
        ReplyError: `not_found` when agents are off, `unavailable`, or `invalid_token` for an account that is gone.
    """
    parts, user = parts_of(hub), call.caller.user
    if user is None:
        raise ReplyError(ErrorCode.UNAUTHENTICATED, "expected the token of a user")
    bind_contextvars(user=user)
    return parts, await parts.members.scope(user)


def id_of(call: Call[Any, Any], name: str, kind: str) -> UUID:
    """Return an id of the path, and bind it to the request's log lines.

    Args:
        name: of the part, such as `session_id`.
        kind: what has the id, for people, such as `session`.

    Raises:
        ReplyError: `not_found`; what is no id is the id of nothing.
    """
    id = id_from(call.named(name), kind)
    if name in LOGGED:
        bind_contextvars(**{name: str(id)})
    return id


class PageQuery(Query):
    """Which page of a list."""

    limit: int = Field(LIMIT, ge=1, le=LIMIT_MAX, description="items at most")
    cursor: Annotated[str, Field(max_length=512)] | None = Field(
        None, description="next of the page before; the first page without it"
    )


class Page(Described, Generic[T]):
    """A page of a list. Subclass it with the items' type: `class SessionPage(Page[SessionState])`."""

    items: list[T]
    next: str | None = Field(description="cursor of the next page; null: this is the last")


class Position(NamedTuple):
    """Where a page begins: after what was made at `time` and has `id`, in the list's order."""

    time: datetime
    id: UUID


def position_of(cursor: str | None) -> Position | None:
    """Read the cursor of a list that is ordered by time and id.

    Raises:
        ReplyError: `invalid_data`.
    """
    if cursor is None:
        return None
    time, id = decode_cursor(cursor, 2)
    try:
        position = Position(datetime.fromisoformat(time), UUID(id))
    except (ValueError, TypeError, AttributeError):
        raise _foreign_cursor() from None
    if position.time.tzinfo is None or not _YEARS[0] <= position.time.year <= _YEARS[1]:
        raise _foreign_cursor()
    return position


def cursor_at(time: datetime, id: UUID) -> str:
    """Write the cursor that goes on after an item."""
    return encode_cursor(time.isoformat(), str(id))


def encode_cursor(*values: str | int | float) -> str:
    """Write values as a cursor: opaque to clients, and safe in a URL. It holds nothing that its reader may not see."""
    return urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> list[Any]:
    """Read a cursor of `length` values. They came from the client: check them like all that it sends.

    Raises:
        ReplyError: `invalid_data`.
    """
    try:
        values = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise _foreign_cursor() from None
    if not isinstance(values, list) or len(values) != length:
        raise _foreign_cursor()
    return values


def _foreign_cursor() -> ReplyError:
    return ReplyError(ErrorCode.INVALID_DATA, "cursor: expected next of an earlier page of this list")


def stamp(time: datetime) -> str:
    """Write a time as all answers do: ISO 8601, UTC, with microseconds and `Z`."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
