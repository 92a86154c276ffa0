"""Transactions begin as somebody, and nobody after them does."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from agents.store.connection import begin_with, quoted
from agents.store.database import Database, DatabaseOptions, make_engine

SETTING = text("SELECT current_setting('a.setting', true)")


async def test_a_transaction_begins_with_what_was_said(shared_dsn: str) -> None:
    """It is done before the first statement, in the transaction, and in one message with its beginning."""
    engine = make_engine(DatabaseOptions(shared_dsn, pool=1, overflow=0))
    said: list[str] = []
    async with engine.begin() as connection:
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        raw.driver_connection.add_query_logger(lambda record: said.append(record.query))
        begin_with(connection, "SELECT set_config('a.setting', 'mine', true)")
        assert await connection.scalar(SETTING) == "mine"
    async with engine.begin() as connection:
        begin_with(connection, "")
        assert not await connection.scalar(SETTING)
    assert said[0] == "BEGIN; SELECT set_config('a.setting', 'mine', true)"
    assert said.count("COMMIT") == 2
    await engine.dispose()


async def test_a_beginning_that_fails(shared_dsn: str) -> None:
    """The connection is as good as before: no transaction is left open on it."""
    engine = make_engine(DatabaseOptions(shared_dsn, pool=1, overflow=0))

    async def fail() -> None:
        async with engine.begin() as connection:
            begin_with(connection, "SELECT set_config('role', 'nobody', true)")
            await connection.execute(SETTING)

    with pytest.raises(DBAPIError, match="nobody"):
        await fail()
    async with engine.begin() as connection:
        begin_with(connection, "")
        assert await connection.scalar(text("SELECT 1")) == 1
    await engine.dispose()


async def test_who_did_nothing_leaves_nothing(shared_dsn: str) -> None:
    """A user's transaction without a statement isn't begun, and the next one isn't that user's."""
    database = Database(DatabaseOptions(shared_dsn, pool=1, overflow=0))
    async with database.of_user(uuid4()):
        pass
    async with database.of_system() as connection:
        assert not await connection.scalar(text("SELECT current_setting('tocsin.user_id', true)"))
    await database.close()


async def test_quoted(shared_dsn: str) -> None:
    """A text is what it was, whatever is in it."""
    database = Database(DatabaseOptions(shared_dsn, pool=1, overflow=0))
    for value in ("plain", "it's", "back\\slash'", "$1; :name"):
        async with database.of_system() as connection:
            assert (await connection.exec_driver_sql("SELECT " + quoted(value))).scalar() == value
    await database.close()
