"""Sessions of a user: make, list, name, delete, and read their messages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from sqlalchemy import Select, func, tuple_

from agents.ports import SessionChannel, Signals
from agents.sessions.entry import storable
from agents.sessions.log import EventLog
from agents.sessions.message import Message
from agents.sessions.owners import Owners
from agents.sessions.relay import Relay
from agents.sessions.session import TITLE_MAX, Place, Session
from agents.store.columns import is_one_of
from agents.store.scope import Scope, Work
from agents.store.tables import TASK_ENDED, TASK_STATUS, chat_sessions, messages, tasks, user_agents
from channels.errors import ErrorCode, ReplyError

log = structlog.get_logger(__name__)

DELETED: Final = "session_deleted"
"""The signal that a session is no longer there: its id (`session`) and its owner's name (`owner`)."""

OPEN: Final = tuple(status for status in TASK_STATUS if status not in TASK_ENDED)

Hook = Callable[[Scope, UUID], Awaitable[object]]


class Sessions:
    """Everything of sessions but their events, which `EventLog` has.

    Attributes:
        before_delete: what else ends with a session, done before it is deleted; what fails leaves it as it is.
    """

    def __init__(self, log: EventLog, relay: Relay, owners: Owners, channel: SessionChannel, signals: Signals) -> None:
        self.before_delete: tuple[Hook, ...] = ()
        self._log = log
        self._relay = relay
        self._owners = owners
        self._channel = channel
        self._signals = signals
        self._closing: set[asyncio.Task[None]] = set()
        signals.listen(DELETED, self._deleted)

    async def create(self, scope: Scope, title: str = "") -> Session:
        """Make a session.

        Args:
            title: empty: the first message gives it one.

        Raises:
            ReplyError: `invalid_data` (title), `unavailable`.
        """
        id, title = uuid4(), _checked(title)
        async with scope.begin() as work:
            await work.run(work.insert(chat_sessions, id=id, title=title))
            async with self._log.go_on(work, id) as entry:
                await entry.append("SESSION_CREATED", {"title": title})
        self._log.tell(entry)
        return await self.get(scope, id)

    async def list(self, scope: Scope, limit: int, after: Place | None = None) -> list[Session]:
        """Return a page of a user's sessions, those where something happened last first.

        Raises:
            ReplyError: `unavailable`.
        """
        columns = chat_sessions.c
        async with scope.begin() as work:
            chosen = work.select(chat_sessions)
            if after is not None:
                chosen = chosen.where(tuple_(columns.updated_at, columns.id) < tuple_(*after))
            rows = await work.all(chosen.order_by(columns.updated_at.desc(), columns.id.desc()).limit(limit))
            active = await _active_runs(work, [row["id"] for row in rows])
        return [Session.of(row, active.get(row["id"], 0)) for row in rows]

    async def get(self, scope: Scope, session_id: UUID) -> Session:
        """Return a session.

        Raises:
            ReplyError: `not_found`, `unavailable`.
        """
        async with scope.begin() as work:
            row = await work.one(work.select(chat_sessions).where(chat_sessions.c.id == session_id))
            if row is None:
                raise not_found(session_id)
            active = await _active_runs(work, [session_id])
        return Session.of(row, active.get(session_id, 0))

    async def rename(self, scope: Scope, session_id: UUID, title: str) -> Session:
        """Give a session another title.

        Raises:
            ReplyError: `invalid_data`, `not_found`, `unavailable`.
        """
        title = _checked(title)
        async with self._log.write(scope, session_id) as entry:
            if title != entry.title:
                entry.title = title
                await entry.append("SESSION_CHANGED", {"title": title})
        return await self.get(scope, session_id)

    async def delete(self, scope: Scope, session_id: UUID) -> None:
        """Delete a session with all that happened in it. Who follows it is told, and its streams end.

        Raises:
            ReplyError: `not_found`, `unavailable`.
        """
        await self.get(scope, session_id)
        for hook in self.before_delete:
            await hook(scope, session_id)
        async with scope.begin() as work:
            done = await work.run(work.delete(chat_sessions).where(chat_sessions.c.id == session_id))
        if done.rowcount:
            self._signals.tell(DELETED, {"session": str(session_id), "owner": scope.subject})

    def _deleted(self, message: Mapping[str, Any]) -> None:
        """Let go of a session that was deleted, here or in another process."""
        id, owner = UUID(message["session"]), str(message["owner"])
        self._relay.forget(id)
        self._owners.deleted(id)
        task = asyncio.get_running_loop().create_task(self._close(id, owner), name="close a session")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close(self, session_id: UUID, owner: str) -> None:
        try:
            await self._channel.close(session_id, owner)
        except ReplyError as error:
            log.warning("a deleted session's channel can't be closed", reason=error.message)

    async def messages(
        self, scope: Scope, session_id: UUID, limit: int, *, before: int | None = None, after: int | None = None
    ) -> Sequence[Message]:
        """Return a page of a session's messages, oldest first: the newest ones, or those next to a number.

        Args:
            before: the number before which they come; the nearest ones are returned.
            after: the number after which they come; the nearest ones, unless `before` is given as well.

        Raises:
            ReplyError: `not_found`, `unavailable`.
        """
        async with scope.begin() as work:
            known = await work.scalar(
                work.select(chat_sessions, chat_sessions.c.id).where(chat_sessions.c.id == session_id)
            )
            if known is None:
                raise not_found(session_id)
            return await messages_of(work, session_id, limit, before=before, after=after)

    async def owner_of(self, session_id: UUID) -> str | None:
        """Return whose session it is, as tokens name users; `None` when there is no such session.

        Raises:
            ReplyError: `unavailable`.
        """
        return await self._owners.of(session_id)

    async def is_of(self, session_id: UUID, subject: str) -> bool:
        """Tell whether a session is a user's (`agents.sessions.owners.Owners.is_of`).

        Raises:
            ReplyError: `unavailable`.
        """
        return await self._owners.is_of(session_id, subject)


async def messages_of(
    work: Work, session_id: UUID, limit: int, *, before: int | None = None, after: int | None = None
) -> Sequence[Message]:
    """Read a page of messages in a transaction (`Sessions.messages`). An unknown session has none."""
    seq = messages.c.seq
    chosen = _messages(work).where(messages.c.session_id == session_id).limit(limit)
    if before is not None:
        chosen = chosen.where(seq < before)
    if after is not None:
        chosen = chosen.where(seq > after)
    forward = after is not None and before is None
    rows = await work.all(chosen.order_by(seq if forward else seq.desc()))
    found = [Message.of(row) for row in rows]
    return found if forward else found[::-1]


async def message_of(work: Work, message_id: UUID | None) -> Message | None:
    """Read a message in a transaction."""
    row = await work.one(_messages(work).where(messages.c.id == message_id))
    return None if row is None else Message.of(row)


def _messages(work: Work) -> Select[Any]:
    of_agent = (user_agents.c.id == messages.c.agent_id) & work.owned(user_agents)
    return work.select(messages, *messages.c, user_agents.c.name.label("agent_name")).outerjoin(user_agents, of_agent)


async def _active_runs(work: Work, sessions: Sequence[UUID]) -> dict[UUID, int]:
    columns = tasks.c
    rows = await work.all(
        work.select(tasks, columns.session_id, func.count().label("runs"))
        .where(columns.session_id.in_(sessions), is_one_of(columns.status, OPEN))
        .group_by(columns.session_id)
    )
    return {row["session_id"]: row["runs"] for row in rows}


def not_found(session_id: UUID) -> ReplyError:
    """Refuse a session that isn't there, or is somebody else's: nobody can tell which."""
    return ReplyError(ErrorCode.NOT_FOUND, f"no session has the id {session_id}")


def _checked(title: str) -> str:
    title = str(storable(" ".join(title.split())))
    if len(title) > TITLE_MAX:
        raise ReplyError(ErrorCode.INVALID_DATA, f"title: expected at most {TITLE_MAX} characters, got {len(title)}")
    return title
