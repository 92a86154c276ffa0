"""What is appended to a session's log in one transaction."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from pydantic import BaseModel
from sqlalchemy import BigInteger, DateTime, Text, Uuid, bindparam, column, func, insert, literal, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.dml import UpdateBase

from agents.sessions.event import Event
from agents.sessions.message import Message, Role, Status
from agents.sessions.session import title_from
from agents.store.scope import Work
from agents.store.tables import chat_sessions, messages, session_events
from channels.errors import ErrorCode, ReplyError

DELTA: Final = "MESSAGE_DELTA"
MESSAGE_CREATED: Final = "MESSAGE_CREATED"

_TOUCH: Final = timedelta(seconds=10)
"""A session that only grows by pieces of an answer is marked as changed this seldom: an update that leaves
`updated_at` alone leaves two indexes alone."""

_LAST_TIME: Final = (
    select(session_events.c.created_at)
    .where(session_events.c.session_id == chat_sessions.c.id, session_events.c.seq == chat_sessions.c.last_seq)
    .scalar_subquery()
)
_NOW: Final = func.date_trunc(
    "milliseconds", func.greatest(func.clock_timestamp(), chat_sessions.c.updated_at, _LAST_TIME)
).label("now")

_APPENDED: Final = (
    func.jsonb_to_recordset(bindparam("appended", type_=JSONB))
    .table_valued(
        column("seq", BigInteger),
        column("type", Text),
        column("task_id", Uuid),
        column("agent_id", Uuid),
        column("data", JSONB),
        name="appended",
    )
    .render_derived(with_types=True)
)
"""Events as one parameter: however many they are, it is the same statement, so it is compiled and prepared once."""


class Entry:
    """A session whose row is locked until the transaction ends: nobody else appends meanwhile.

    Attributes:
        work: the transaction; what is changed in it comes about together with the events, or not at all.
        session_id: the session.
        title: its title; the first message of a user gives it one. May be changed.
        now: the time of all that is appended, by the database's clock; not before the last event.
        seq: the newest event's number, those that were appended here included.
        published: up to which the hub's channel was known to have the events when the session was locked.
        events: what was appended.
    """

    def __init__(self, work: Work, session_id: UUID, title: str, seq: int, published: int, now: datetime) -> None:
        self.work: Final = work
        self.session_id: Final = session_id
        self.title = title
        self._old_title = title
        self.now: Final = now
        self.seq = seq
        self.published: Final = published
        self.events: Final[list[Event]] = []
        self._changes: dict[Hashable, UpdateBase] = {}
        self._touched = False

    @classmethod
    async def lock(cls, work: Work, session_id: UUID) -> Entry:
        """Lock a session.

        Raises:
            ReplyError: `not_found`.
        """
        columns = chat_sessions.c
        row = await work.one(
            work.select(chat_sessions, columns.title, columns.last_seq, columns.published_seq, columns.updated_at, _NOW)
            .where(columns.id == session_id)
            .with_for_update(key_share=True, of=chat_sessions)
        )
        if row is None:
            raise ReplyError(ErrorCode.NOT_FOUND, f"no session has the id {session_id}")
        entry = cls(work, session_id, row["title"], row["last_seq"], row["published_seq"], row["now"])
        entry._touched = row["now"] - row["updated_at"] > _TOUCH
        return entry

    async def append(
        self,
        type: str,
        data: Mapping[str, Any] | BaseModel,
        task_id: UUID | None = None,
        agent_id: UUID | None = None,
    ) -> int:
        """Append an event; return its number. It is written when the block of `EventLog.write` ends.

        Args:
            data: its own fields, JSON; see `agents.sessions.events`.
        """
        fields = data.model_dump(mode="json") if isinstance(data, BaseModel) else data
        self.seq += 1
        self.events.append(Event(self.session_id, self.seq, type, task_id, agent_id, storable(fields), self.now))
        return self.seq

    def change(self, statement: UpdateBase, of: Hashable = None) -> None:
        """Change something else together with what is appended: in the same statement, at the block's end, so that it
        costs no round trip of its own. An event must be appended, too.

        Statements that are given here don't see each other's changes, and no two may change the same row.

        Args:
            statement: of `work`.
            of: what it changes; of several with the same one the last counts.
        """
        self._changes[object() if of is None else of] = statement

    async def append_message(
        self,
        role: Role,
        content: str,
        *,
        id: UUID | None = None,
        agent_id: UUID | None = None,
        agent_name: str = "",
        task_id: UUID | None = None,
        status: Status = "complete",
        citations: Sequence[Mapping[str, Any]] = (),
        usage: Mapping[str, Any] | None = None,
    ) -> Message:
        """Append a message and the event that tells of it, under one number.

        A user's message gives its title to a session that has none; the event has it then (`title`).
        """
        content = storable(content)
        message = Message(
            id or uuid4(),
            self.seq + 1,
            role,
            content,
            agent_id,
            agent_name,
            task_id,
            status,
            storable(list(citations)),
            storable(usage),
            self.now,
        )
        self.change(
            self.work.insert(
                messages,
                id=message.id,
                session_id=self.session_id,
                seq=message.seq,
                role=role,
                content=content,
                agent_id=agent_id,
                task_id=task_id,
                status=status,
                citations=message.citations or None,
                usage=message.usage,
                created_at=self.now,
            )
        )
        data: dict[str, Any] = {"message": message.as_dict()}
        if role == "user" and not self.title and (title := title_from(content)):
            self.title = data["title"] = title
        await self.append(MESSAGE_CREATED, data, task_id, agent_id)
        return message

    async def write(self, published: int) -> None:
        """Write what was appended.

        Args:
            published: up to which the hub's channel is known to have the events by now.
        """
        if not self.events:
            assert not self._changes
            return
        values: dict[str, Any] = {"last_seq": self.seq}
        if published > self.published:
            values["published_seq"] = published
        if self._touched or any(event.type != DELTA for event in self.events):
            values["updated_at"] = self.now
        if self.title != self._old_title:
            values["title"] = self.title
        changed = self.work.update(chat_sessions).where(chat_sessions.c.id == self.session_id).values(values)
        also = (self._told(), *self._changes.values())
        parts = [statement.cte(f"part_{number}") for number, statement in enumerate(also)]
        rows = [
            {
                "seq": event.seq,
                "type": event.type,
                "task_id": None if event.task_id is None else str(event.task_id),
                "agent_id": None if event.agent_id is None else str(event.agent_id),
                "data": event.data,
            }
            for event in self.events
        ]
        await self.work.run(changed.add_cte(*parts), {"appended": rows})

    def _told(self) -> UpdateBase:
        """Insert the events."""
        columns = chat_sessions.c
        now = literal(self.now, DateTime(timezone=True))
        values = {
            "session_id": columns.id,
            "user_id": columns.user_id,
            **{name: _APPENDED.c[name] for name in ("seq", "type", "task_id", "agent_id", "data")},
            "created_at": now,
        }
        own = self.work.select(chat_sessions, *values.values()).join(_APPENDED, true())
        return insert(session_events).from_select(list(values), own.where(columns.id == self.session_id))


def storable(value: Any) -> Any:
    """Return JSON without what PostgreSQL can't hold in a text: U+0000 and lone halves of surrogate pairs. U+FFFD
    stands in their place."""
    if isinstance(value, str):
        if "\0" in value:
            value = value.replace("\0", "\ufffd")
        return value if value.isascii() or _is_whole(value) else _mended(value)
    if isinstance(value, Mapping):
        return {storable(name): storable(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [storable(each) for each in value]
    return value


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _mended(text: str) -> str:
    """Join halves that stand next to each other; replace those that are alone."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
