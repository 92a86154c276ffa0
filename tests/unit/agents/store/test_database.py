"""Connections come and go as nobody's, and what PostgreSQL says of its troubles is not passed on."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from agents.store.database import Database, DatabaseOptions
from channels.errors import ErrorCode, ReplyError

WHO = text("SELECT current_user, current_setting('tocsin.user_id', true)")


async def test_a_users_transaction_and_what_comes_after_it(shared_dsn: str) -> None:
    """On one connection: the role and the user end with the transaction, also when it fails."""
    database = Database(DatabaseOptions(shared_dsn, pool=1, overflow=0))
    user = uuid4()

    async def fail() -> None:
        async with database.of_user(user) as connection:
            assert (await connection.execute(WHO)).one() == ("tocsin_agents", str(user))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.of_user(user):
        pass
    async with database.of_system() as connection:
        who, setting = (await connection.execute(WHO)).one()
    assert who != "tocsin_agents"
    assert not setting
    await database.close()


async def test_all_connections_are_busy(shared_dsn: str) -> None:
    """Who comes next waits for a while, and is told why it was in vain."""
    database = Database(DatabaseOptions(shared_dsn, pool=1, overflow=0, timeout=0.05))
    while not await database.is_there():  # on a busy machine connecting takes longer
        pass
    async with database.of_system():
        with pytest.raises(ReplyError, match="all its connections are busy") as caught:
            async with database.of_system():
                pass
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert caught.value.details["retry_after"] == 1
    assert await database.is_there()
    await database.close()


async def test_a_database_that_refuses(shared_dsn: str) -> None:
    """No such server, database or login: `unavailable`, without address, name or password."""
    gone = shared_dsn.replace("/t", "/gone", 1)
    stranger = shared_dsn.replace("//tocsin@", "//stranger:secret@")
    for dsn in ("postgresql://tocsin:secret@127.0.0.1:1/t1", gone, stranger):
        database = Database(DatabaseOptions(dsn, timeout=5.0))
        assert not await database.is_there()
        with pytest.raises(ReplyError, match="it is away") as caught:
            async with database.of_user(uuid4()):
                pass
        assert not any(word in str(caught.value) for word in ("secret", "stranger", "127", "gone"))
        assert "secret" not in repr(database.options)
        await database.close()


async def test_connections_that_are_cut(store: Database) -> None:
    """Who was in the middle is told; the next one gets a new connection."""

    async def be_cut() -> None:
        async with store.of_system() as connection:
            me = await connection.scalar(text("SELECT pg_backend_pid()"))
            async with store.of_system() as other:
                await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": me})
            await connection.execute(text("SELECT 1"))

    with pytest.raises(ReplyError, match="it is away"):
        await be_cut()
    assert await store.is_there()


async def test_a_fault_is_a_fault(store: Database) -> None:
    """A wrong statement is no outage; its parameters aren't in what it says."""
    with pytest.raises(DBAPIError) as caught:
        async with store.of_system() as connection:
            await connection.execute(text("SELECT CAST(:text AS integer) FROM nowhere"), {"text": "a secret"})
    assert "a secret" not in str(caught.value)
