"""The caller's own chat sessions over HTTP: their messages and events too. Streams are in `hub.http.api.my.stream`."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from agents.sessions.event import Event
from agents.sessions.session import TITLE_MAX, Place, Session
from hub.chat_descriptions import MessageState
from hub.descriptions import Described, Id, Timestamp
from hub.http.api.bodies import Body, Query
from hub.http.api.endpoint import Call, Endpoint, Hub, Who
from hub.http.api.my.member import (
    LIMIT,
    LIMIT_MAX,
    Page,
    PageQuery,
    cursor_at,
    decode_cursor,
    encode_cursor,
    id_of,
    member,
    position_of,
)
from hub.session_events import ANY_EVENT

EVENTS: Final = 500
EVENTS_MAX: Final = 1_000
SEQ_MAX: Final = 2**63 - 1

Title = Annotated[str, Field(max_length=TITLE_MAX, description="empty: the first message gives it one")]
Seq = Annotated[int, Field(ge=0, le=SEQ_MAX)]


class CreateSessionBody(Body):
    """A session to make."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Holidays"}, {}]})

    title: Title = ""


class ChangeSessionBody(Body):
    """What to change of a session."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Holidays in May"}]})

    title: Title


class SessionState(Described):
    """A chat session."""

    id: Id
    title: str
    last_seq: int = Field(ge=0, description="number of the newest event")
    channel: str = Field(description="on which its events come: session:ID")
    created_at: Timestamp
    updated_at: Timestamp = Field(description="when something happened in it")
    active_runs: int = Field(ge=0, description="runs that wait or are at work")

    @classmethod
    def of(cls, session: Session) -> SessionState:
        """Show a session to its owner."""
        return cls(**session.as_dict())


class SessionPage(Page[SessionState]):
    """Sessions; those where something happened last first."""


class MessagePage(Page[MessageState]):
    """Messages of a session, oldest first. The first page has the newest ones, next has older ones."""


class EventState(Described):
    """An event of a session's log: one of `hub.session_events`, which the document has in its place. What is in the
    log is shown as it is."""

    type: str
    channel: str
    data: dict[str, Any]
    timestamp: Timestamp

    @classmethod
    def __get_pydantic_json_schema__(cls, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(ANY_EVENT.core_schema) | {"description": "An event of a session's log."}

    @classmethod
    def of(cls, event: Event) -> EventState:
        """Show an event to the session's owner, as streams do."""
        data = event.fields
        return cls(type=event.type, channel=f"session:{event.session_id}", data=data, timestamp=data["timestamp"])


class EventPage(Page[EventState]):
    """Events of a session, oldest first. Pieces of answers that were complete for a while are left out."""

    last_seq: int = Field(ge=0, description="number of the newest event there is")


class MessagesQuery(Query):
    """Which messages."""

    limit: int = Field(LIMIT, ge=1, le=LIMIT_MAX, description="messages at most")
    before: Seq | None = Field(None, description="those before the message or event with this number")
    after: Seq | None = Field(None, description="those after the message or event with this number")
    cursor: Annotated[str, Field(max_length=512)] | None = Field(None, description="next of the page before")


class EventsQuery(Query):
    """Which events."""

    after: Seq = Field(0, description="those after the event with this number")
    limit: int = Field(EVENTS, ge=1, le=EVENTS_MAX, description="events at most")
    cursor: Annotated[str, Field(max_length=512)] | None = Field(None, description="next of the page before")


async def list_sessions(hub: Hub, call: Call[None, PageQuery]) -> SessionPage:
    """List one's sessions; those where something happened last first."""
    parts, scope = await member(hub, call)
    limit, position = call.query.limit, position_of(call.query.cursor)
    after = None if position is None else Place(position.time, position.id)
    found = await parts.chat.sessions.list(scope, limit + 1, after)
    shown, last = found[:limit], found[limit - 1] if len(found) > limit else None
    return SessionPage(
        items=[SessionState.of(session) for session in shown],
        next=None if last is None else cursor_at(last.updated_at, last.id),
    )


async def create_session(hub: Hub, call: Call[CreateSessionBody, None]) -> SessionState:
    """Make a session."""
    parts, scope = await member(hub, call)
    return SessionState.of(await parts.chat.sessions.create(scope, call.body.title))


async def read_session(hub: Hub, call: Call[None, None]) -> SessionState:
    """Read a session."""
    parts, scope = await member(hub, call)
    return SessionState.of(await parts.chat.sessions.get(scope, id_of(call, "session_id", "session")))


async def change_session(hub: Hub, call: Call[ChangeSessionBody, None]) -> SessionState:
    """Give a session another title."""
    parts, scope = await member(hub, call)
    id = id_of(call, "session_id", "session")
    return SessionState.of(await parts.chat.sessions.rename(scope, id, call.body.title))


async def delete_session(hub: Hub, call: Call[None, None]) -> None:
    """Delete a session with its messages, runs and events. Who follows it is told, and its streams end."""
    parts, scope = await member(hub, call)
    await parts.chat.sessions.delete(scope, id_of(call, "session_id", "session"))


async def list_messages(hub: Hub, call: Call[None, MessagesQuery]) -> MessagePage:
    """List a session's messages: the newest ones, or those next to a number."""
    parts, scope = await member(hub, call)
    id, query = id_of(call, "session_id", "session"), call.query
    before = query.before if query.cursor is None else _seq(query.cursor)
    found = await parts.chat.sessions.messages(scope, id, query.limit + 1, before=before, after=query.after)
    more = len(found) > query.limit
    forward = query.after is not None and before is None
    shown = found[: query.limit] if forward else found[-query.limit :]
    return MessagePage(
        items=[MessageState.of(message) for message in shown],
        next=encode_cursor(shown[0].seq) if more and not forward else None,
    )


async def list_events(hub: Hub, call: Call[None, EventsQuery]) -> EventPage:
    """List a session's events: its log, as streams tell it."""
    parts, scope = await member(hub, call)
    id, query = id_of(call, "session_id", "session"), call.query
    last = await parts.chat.log.last(scope, id)
    after = query.after if query.cursor is None else _seq(query.cursor)
    found = await parts.chat.log.read(scope, id, after, query.limit)
    more = bool(found) and found[-1].seq < last
    return EventPage(
        items=[EventState.of(event) for event in found],
        next=encode_cursor(found[-1].seq) if more else None,
        last_seq=last,
    )


def _seq(cursor: str) -> int:
    (seq,) = decode_cursor(cursor, 1)
    return seq if type(seq) is int and 0 <= seq <= SEQ_MAX else 0


_SESSIONS: Final = "/my/chat/sessions/"
_ONE: Final = "/my/chat/sessions/{session_id}"

ROWS: Final[tuple[Endpoint[Any, Any], ...]] = (
    Endpoint(
        "GET",
        _SESSIONS,
        "List one's chat sessions",
        list_sessions,
        Who.MEMBER,
        "chat",
        SessionPage,
        query=PageQuery,
    ),
    Endpoint(
        "POST",
        _SESSIONS,
        "Make a chat session",
        create_session,
        Who.MEMBER,
        "chat",
        SessionState,
        body=CreateSessionBody,
        body_optional=True,
        status=201,
    ),
    Endpoint("GET", _ONE, "Read a chat session", read_session, Who.MEMBER, "chat", SessionState),
    Endpoint(
        "PATCH",
        _ONE,
        "Rename a chat session",
        change_session,
        Who.MEMBER,
        "chat",
        SessionState,
        body=ChangeSessionBody,
    ),
    Endpoint("DELETE", _ONE, "Delete a chat session", delete_session, Who.MEMBER, "chat"),
    Endpoint(
        "GET",
        _ONE + "/messages/",
        "List a session's messages",
        list_messages,
        Who.MEMBER,
        "chat",
        MessagePage,
        query=MessagesQuery,
    ),
    Endpoint(
        "GET",
        _ONE + "/events/",
        "List a session's events",
        list_events,
        Who.MEMBER,
        "chat",
        EventPage,
        query=EventsQuery,
    ),
)
