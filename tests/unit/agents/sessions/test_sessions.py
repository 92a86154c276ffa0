"""Sessions of a user, and their messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Select, insert, text
from sqlalchemy.dialects import postgresql

from agents.sessions.log import EventLog
from agents.sessions.outbox import Outbox
from agents.sessions.owners import Owners
from agents.sessions.relay import Relay
from agents.sessions.session import Place
from agents.sessions.sessions import DELETED, Sessions, messages_of
from agents.store.database import Database
from agents.store.scope import Scope, Work
from agents.store.tables import chat_sessions, messages, tasks
from channels.errors import ErrorCode, ReplyError
from tests.agents_kit import a_user
from tests.live import until
from tests.unit.agents.sessions.session_worlds import Channel


class Heard:
    """`Signals` of one process."""

    def __init__(self) -> None:
        self.handlers: dict[str, Callable[[Mapping[str, Any]], None]] = {}
        self.told: list[tuple[str, Mapping[str, Any]]] = []

    def listen(self, topic: str, handler: Callable[[Mapping[str, Any]], None]) -> None:
        self.handlers[topic] = handler

    def tell(self, topic: str, message: Mapping[str, Any]) -> None:
        self.told.append((topic, message))
        self.handlers[topic](message)


class Explained:
    """A transaction whose reads are explained."""

    def __init__(self, work: Work, plans: list[str]) -> None:
        self.select, self.owned, self._work, self._plans = work.select, work.owned, work, plans

    async def all(self, statement: Select[Any]) -> list[Any]:
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
        sql = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        rows = await self._work.run(text(f"EXPLAIN (COSTS OFF) {sql}".replace(":", r"\:")))
        self._plans.append("\n".join(row[0] for row in rows))
        return []


class World:
    """Sessions over a database."""

    def __init__(self, store: Database) -> None:
        self.channel = Channel()
        self.signals = Heard()
        self.relay = Relay(Outbox(store), self.channel)
        self.log = EventLog(self.relay)
        self.sessions = Sessions(self.log, self.relay, Owners(store), self.channel, self.signals)


async def test_a_session_s_life(store: Database) -> None:
    """Made, named, listed, deleted; each step is an event, and the end a signal to all processes."""
    world, scope = World(store), await a_user(store)
    made = await world.sessions.create(scope)
    assert (made.title, made.last_seq, made.active_runs) == ("", 1, 0)
    renamed = await world.sessions.rename(scope, made.id, "  New \n name ")
    assert (renamed.title, renamed.last_seq) == ("New name", 2)
    assert (await world.sessions.rename(scope, made.id, "New name")).last_seq == 2
    events = await world.log.read(scope, made.id)
    assert [(event.type, event.data["title"]) for event in events] == [
        ("SESSION_CREATED", ""),
        ("SESSION_CHANGED", "New name"),
    ]
    assert await world.sessions.list(scope, 10) == [renamed]
    stopped: list[UUID] = []

    async def stop(scope: Scope, session: UUID) -> None:
        stopped.append(session)

    world.sessions.before_delete += (stop,)
    await world.sessions.delete(scope, made.id)
    assert stopped == [made.id]
    assert world.signals.told == [(DELETED, {"session": str(made.id), "owner": scope.subject})]
    await until(lambda: world.channel.closed == [made.id])
    assert await world.sessions.owner_of(made.id) is None
    assert world.relay.known(made.id) == 0
    await world.relay.stop()


async def test_a_deletion_that_can_t_end_the_runs_deletes_nothing(store: Database) -> None:
    """It can be tried again."""
    world, scope = World(store), await a_user(store)
    made = await world.sessions.create(scope)

    async def refuse(scope: Scope, session: UUID) -> None:
        raise ReplyError(ErrorCode.UNAVAILABLE, "not now")

    world.sessions.before_delete += (refuse,)
    with pytest.raises(ReplyError, match="not now"):
        await world.sessions.delete(scope, made.id)
    assert await world.sessions.get(scope, made.id) == made
    assert world.signals.told == []
    await world.relay.stop()


async def test_pages_of_sessions_are_complete_and_in_order(store: Database) -> None:
    """Where something happened last first; with the runs that are open in each."""
    world, scope = World(store), await a_user(store)
    made = [await world.sessions.create(scope, f"s{number}") for number in range(5)]
    await world.sessions.rename(scope, made[1].id, "newest")
    async with scope.begin() as work:
        for status in ("running", "waiting", "completed"):
            await work.run(work.insert(tasks, id=uuid4(), session_id=made[2].id, status=status))
    titles, after = [], None
    while page := await world.sessions.list(scope, 2, after):
        titles += [(session.title, session.active_runs) for session in page]
        after = Place(page[-1].updated_at, page[-1].id)
    assert titles == [("newest", 0), ("s4", 0), ("s3", 0), ("s2", 2), ("s0", 0)]
    assert await world.sessions.list(await a_user(store), 10) == []
    await world.relay.stop()


@pytest.mark.parametrize("attempt", ["get", "rename", "delete", "messages"])
async def test_somebody_elses_session_is_not_there(store: Database, attempt: str) -> None:
    """Whatever is asked of it, and whatever state it is in."""
    world = World(store)
    made = await world.sessions.create(await a_user(store))
    more = {"rename": ("x",), "messages": (10,)}.get(attempt, ())
    with pytest.raises(ReplyError) as refused:
        await getattr(world.sessions, attempt)(await a_user(store), made.id, *more)
    assert refused.value.code is ErrorCode.NOT_FOUND
    assert world.signals.told == []
    await world.relay.stop()


async def test_a_title_has_a_bound(store: Database) -> None:
    """It is refused, not cut."""
    with pytest.raises(ReplyError) as refused:
        await World(store).sessions.create(await a_user(store), "x" * 201)
    assert refused.value.code is ErrorCode.INVALID_DATA


async def test_ten_thousand_messages_are_read_in_pages_by_the_index(store: Database) -> None:
    """A page costs as much as it shows: the plan has no sort, and looks at no other row of the session."""
    world, scope = World(store), await a_user(store)
    made = await world.sessions.create(scope)
    async with store.of_system() as connection:
        user = await connection.scalar(chat_sessions.select().with_only_columns(chat_sessions.c.user_id))
        rows = [
            {"id": uuid4(), "user_id": user, "session_id": made.id, "seq": seq, "role": "user", "content": f"m{seq}"}
            for seq in range(2, 10_002)
        ]
        await connection.execute(insert(messages), rows)
        await connection.execute(text("ANALYZE messages"))
    newest = await world.sessions.messages(scope, made.id, 50)
    assert [message.seq for message in newest] == list(range(9_952, 10_002))
    older = await world.sessions.messages(scope, made.id, 50, before=newest[0].seq)
    assert [message.seq for message in older] == list(range(9_902, 9_952))
    after = await world.sessions.messages(scope, made.id, 3, after=5_000)
    assert [message.seq for message in after] == [5_001, 5_002, 5_003]
    between = await world.sessions.messages(scope, made.id, 2, after=10, before=20)
    assert [message.seq for message in between] == [18, 19]
    plans: list[str] = []
    async with scope.begin() as work:
        await messages_of(cast(Any, Explained(work, plans)), made.id, 50, before=5_000)
    [plan] = plans
    assert "messages_session_id_user_id_seq_key" in plan
    assert "Sort" not in plan
    assert "Seq Scan on messages" not in plan
    await world.relay.stop()
