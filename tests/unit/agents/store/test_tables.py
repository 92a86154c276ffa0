"""What the tables themselves refuse, and that each that belongs to users is confined."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from agents.store.database import Database, sqlstate
from agents.store.scope import Scope
from agents.store.tables import OWNED, chat_sessions, messages, tasks, user_agents, user_orchestrators, users
from tests.agents_kit import a_user
from tests.unit.agents.store.rows import add_message, fill

UNIQUE, CHECK = "23505", "23514"


async def refusal(scope: Scope, table: Any, **values: Any) -> str:
    with pytest.raises(IntegrityError) as caught:
        async with scope.begin() as work:
            await work.run(work.insert(table, **values))
    return sqlstate(caught.value)


async def test_users(store: Database) -> None:
    """An id is a UUID; nobody has another's subject, nor another's e-mail address in other letters. Many have none."""
    await a_user(store)
    await a_user(store)
    values = {"id": uuid4(), "subject": "s1", "email": "Ada@example.org"}
    async with store.of_system() as connection:
        await connection.execute(insert(users).values(values))
    for same in (values, values | {"subject": "s2", "email": None}, values | {"id": uuid4(), "email": None}):
        with pytest.raises(IntegrityError):
            async with store.of_system() as connection:
                await connection.execute(insert(users).values(same))
    with pytest.raises(IntegrityError, match="users_email_key"):
        async with store.of_system() as connection:
            await connection.execute(insert(users).values(id=uuid4(), subject="s3", email="ADA@EXAMPLE.ORG"))


async def test_one_orchestrator_each(store: Database) -> None:
    """A second one is refused."""
    ann, ben = await a_user(store), await a_user(store)
    for scope in (ann, ben):
        async with scope.begin() as work:
            await work.run(work.insert(user_orchestrators, id=uuid4()))
    assert await refusal(ann, user_orchestrators, id=uuid4()) == UNIQUE


async def test_names_of_agents(store: Database) -> None:
    """Are unique for each user, whatever their case; two users may have the same."""
    ann, ben = await a_user(store), await a_user(store)
    for scope in (ann, ben):
        async with scope.begin() as work:
            await work.run(work.insert(user_agents, id=uuid4(), name="Coder"))
    assert await refusal(ann, user_agents, id=uuid4(), name="coder") == UNIQUE
    assert await refusal(ann, user_agents, id=uuid4(), name="other", status="sleepy") == CHECK


async def test_events_and_messages_have_places_of_their_own(store: Database) -> None:
    """Two messages with one number in a session are refused, and so are words that nobody knows."""
    scope = await a_user(store)
    ids = await fill(scope)
    with pytest.raises(IntegrityError, match="messages_session_id_user_id_seq_key"):
        async with scope.begin() as work:
            await add_message(work, ids["session"], uuid4())
    more = {"id": uuid4(), "session_id": ids["session"]}
    assert await refusal(scope, messages, **more, seq=2, role="robot", content="") == CHECK
    assert await refusal(scope, tasks, **more, status="lost") == CHECK


async def test_what_goes_with_what(store: Database) -> None:
    """An agent's memories go with it, its messages stay without it. A session's messages, runs and events go with the
    session. All goes with the user."""
    scope, other = await a_user(store, "ann"), await a_user(store)
    ids = await fill(scope)
    await fill(other)
    async with scope.begin() as work:
        await work.run(work.delete(user_agents))
        assert await work.scalar(work.select(messages, messages.c.agent_id)) is None
        assert await work.scalar(work.select(tasks, tasks.c.id)) == ids["task"]
    assert await left(store, "memories") == 1
    async with scope.begin() as work:
        await work.run(work.delete(chat_sessions))
    assert [await left(store, table) for table in ("messages", "tasks", "session_events")] == [1, 1, 1]
    async with store.of_system() as connection:
        await connection.execute(text("DELETE FROM users WHERE subject = 'ann'"))
    assert {table.name: await left(store, table.name) for table in OWNED if table.name != "refresh_tokens"} == {
        table.name: 1 for table in OWNED if table.name != "refresh_tokens"
    }


async def left(store: Database, table: str) -> int:
    async with store.of_system() as connection:
        count: int = await connection.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - a name from here
        return count


async def test_every_table_of_users_is_confined(store: Database) -> None:
    """Row-Level Security is on, with a policy for the members' role, for each of them; the others are out of its
    reach. A table that joins without is found here."""
    role = store.options.role
    async with store.of_system() as connection:
        secured = set(
            await connection.scalars(
                text(
                    "SELECT c.relname FROM pg_class c JOIN pg_policies p ON p.tablename = c.relname"
                    " AND p.schemaname = c.relnamespace::regnamespace::text"
                    " WHERE c.relrowsecurity AND p.roles = ARRAY[CAST(:role AS name)] AND p.cmd = 'ALL'"
                ),
                {"role": role},
            )
        )
        reachable = set(
            await connection.scalars(
                text(
                    "SELECT tablename FROM pg_tables WHERE schemaname = :schema AND has_table_privilege("
                    "CAST(:role AS name), format('%I.%I', schemaname, tablename), 'SELECT, INSERT, UPDATE, DELETE')"
                ),
                {"schema": store.options.schema, "role": role},
            )
        )
    assert secured == reachable
    assert secured == {"users", *(table.name for table in OWNED)} - {"refresh_tokens"}


async def test_every_table_of_users_is_found_by_its_user(store: Database) -> None:
    """An index begins with the user, or with the session that the user was checked for."""
    async with store.of_system() as connection:
        indexes = await connection.execute(
            text("SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = :schema"),
            {"schema": store.options.schema},
        )
        first = [(table, definition.rpartition(" USING ")[2]) for table, definition in indexes]
    found = {table for table, what in first if what.startswith(("btree (user_id", "btree (session_id"))}
    assert {table.name for table in OWNED} - found == set()
