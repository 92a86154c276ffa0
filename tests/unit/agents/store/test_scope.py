"""Two nets: every statement carries the filter, and PostgreSQL confines whatever does not."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from agents.ports import Tenant
from agents.store.database import Database, sqlstate
from agents.store.scope import Scope, Work
from agents.store.tables import OWNED, chat_sessions, memories, messages, tasks, user_agents, users
from tests.agents_kit import a_user
from tests.unit.agents.store.rows import fill

SEEN = tuple(table for table in OWNED if table.name != "refresh_tokens")
DENIED = "42501"


@pytest.fixture
async def both(store: Database) -> tuple[Scope, Scope]:
    """Two users, each with a row in each table and an agent of the same name."""
    ann, ben = await a_user(store, "ann"), await a_user(store, "ben")
    await fill(ann, "ann's")
    await fill(ben, "ann's")
    return ann, ben


async def user_of(scope: Scope) -> UUID:
    async with scope.begin() as work:
        id: UUID = await work.scalar(work.select(users, users.c.id))
        return id


async def test_every_statement_is_confined(both: tuple[Scope, Scope]) -> None:
    """To read, to change, to delete: one row of each table, the user's own, by the filter alone."""
    ann, ben = both
    async with ann._database.of_system() as connection:  # Row-Level Security doesn't hold for it
        work = Work(connection, await user_of(ben))
        for table in SEEN:
            assert len(await work.all(work.select(table))) == 1, table.name
            changed = await work.run(work.update(table).values(created_at=func.now()))
            assert changed.rowcount == 1, table.name
        for table in reversed(SEEN):
            assert (await work.run(work.delete(table))).rowcount <= 1, table.name  # some went with their session
        for table in SEEN:
            count = await connection.scalar(select(func.count()).select_from(table))
            assert count == 1, f"{table.name}: ann's stays"


async def test_statements_without_the_filter_are_confined(both: tuple[Scope, Scope]) -> None:
    """Row-Level Security is the second net: plain SQL reads, changes and deletes the user's own rows alone."""
    ann, ben = both
    async with ben.begin() as work:
        own = await user_of(ben)
        for table in SEEN:
            rows = await work.all(select(table.c.user_id))
            assert [row["user_id"] for row in rows] == [own], table.name
            assert (await work.run(update(table).values(created_at=func.now()))).rowcount == 1, table.name
        assert [row["id"] for row in await work.all(select(users.c.id))] == [own]
        for table in reversed(SEEN):
            assert (await work.run(delete(table))).rowcount <= 1, table.name
    async with ann.begin() as work:
        for table in SEEN:
            assert await work.scalar(work.select(table, func.count())) == 1, table.name


async def test_a_transaction_can_not_become_another_users(both: tuple[Scope, Scope]) -> None:
    """It may not write a row for somebody else, nor read tokens."""
    ann, ben = both
    theirs = await user_of(ann)
    row = insert(user_agents).values(id=uuid4(), user_id=theirs, name="spy")
    for statement in (row, update(user_agents).values(user_id=theirs), text("SELECT * FROM refresh_tokens")):
        with pytest.raises(DBAPIError) as caught:
            async with ben.begin() as work:
                await work.run(statement)
        assert sqlstate(caught.value) == DENIED


async def test_nobody_in_particular_sees_nothing(both: tuple[Scope, Scope]) -> None:
    """A transaction of the role that names no user: closed."""
    database = both[0]._database
    async with database.of_system() as connection:
        await connection.execute(text(f"SET LOCAL ROLE {database.options.role}"))
        for table in (users, *SEEN):
            assert await connection.scalar(select(func.count()).select_from(table)) == 0, table.name


async def test_rows_refer_to_the_users_own_alone(both: tuple[Scope, Scope]) -> None:
    """Keys hold the owner, so a row about somebody else's session or agent is refused, though its id is known."""
    ann, ben = both
    async with ann.begin() as work:
        session = await work.scalar(work.select(chat_sessions, chat_sessions.c.id))
        agent = await work.scalar(work.select(user_agents, user_agents.c.id))
    async with ben.begin() as work:
        own = await work.scalar(work.select(chat_sessions, chat_sessions.c.id))

    async def write(table: Any, values: dict[str, Any]) -> None:
        async with ben.begin() as work:
            await work.run(work.insert(table, id=uuid4(), **values))

    message = {"seq": 2, "role": "user", "content": "spied"}
    for table, values in (
        (messages, {"session_id": session, **message}),
        (messages, {"session_id": own, "agent_id": agent, **message}),
        (tasks, {"session_id": session, "status": "queued"}),
        (tasks, {"session_id": own, "agent_id": agent, "status": "queued"}),
        (memories, {"agent_id": agent, "kind": "fact", "text": "theirs"}),
    ):
        with pytest.raises(IntegrityError) as caught:
            await write(table, values)
        assert sqlstate(caught.value) == "23503"


async def test_a_transaction_is_all_or_nothing(store: Database) -> None:
    """What raises in the block undoes it."""
    scope = await a_user(store)

    async def fail() -> None:
        async with scope.begin() as work:
            await work.run(work.insert(user_agents, id=uuid4(), name="half"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with scope.begin() as work:
        assert await work.one(work.select(user_agents)) is None


async def test_what_is_kept_elsewhere_is_named_for_the_user(store: Database) -> None:
    """Keys and tenants of two users differ, also for one agent's id; the repr tells nothing but the subject."""
    ann, ben = await a_user(store, "ann"), await a_user(store, "ben")
    agent = uuid4()
    assert ann.key == f"user:{await user_of(ann)}"
    assert ann.key != ben.key
    assert ann.tenant(agent) == Tenant(await user_of(ann), agent)
    assert ann.tenant(agent).collection == f"user{await user_of(ann)}_{agent}_context"
    assert ann.tenant(agent) != ben.tenant(agent)
    assert repr(ann) == "Scope('ann')"
    assert ann == await a_user(store, "ann")
    assert ann != ben
    assert len({ann, await a_user(store, "ann"), ben}) == 2
