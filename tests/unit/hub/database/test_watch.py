"""Whether the database is there, by a connection of our own; and its address."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
import pytest
from pydantic import SecretStr

from hub.database.watch import Watch, dsn_of, in_words, place_of
from hub.sections.database import DatabaseOptions
from tests.live import until
from tests.postgres_server import database, postgres

__all__ = ["database", "postgres"]


class Heard:
    """What a watch told."""

    def __init__(self) -> None:
        self.changes: list[tuple[bool, str]] = []

    def __call__(self, available: bool, reason: str) -> None:
        self.changes.append((available, reason))


@asynccontextmanager
async def watching(watch: Watch) -> AsyncIterator[None]:
    task = asyncio.create_task(watch.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_it_is_known_at_once_when_it_goes_and_comes(database: str) -> None:
    """Long before the next question would have been asked."""
    heard = Heard()
    watch = Watch(database, 5.0, 3600.0, heard)
    async with watching(watch):
        await until(lambda: watch.available)
        connection = await asyncpg.connect(database)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tocsin watch' "
            "AND datname = current_database()"
        )
        await connection.close()
        await until(lambda: len(heard.changes) == 3)
    assert [available for available, _ in heard.changes] == [True, False, True]
    assert heard.changes[1][1] == "the server closed the connection"
    assert (watch.available, watch.losses) == (True, 1)


async def test_one_that_is_away_is_told_once() -> None:
    """However often it is tried; it says why."""
    heard = Heard()
    watch = Watch("postgresql://tocsin@/x?host=/nonexistent", 1.0, 1.0, heard)
    async with watching(watch):
        await until(lambda: bool(heard.changes))
        await asyncio.sleep(0.3)
    assert len(heard.changes) == 1
    available, reason = heard.changes[0]
    assert not available
    assert reason
    assert watch.losses == 0


async def test_one_that_hangs_is_away(database: str) -> None:
    """A question without an answer shows it."""
    heard = Heard()
    watch = Watch(database, 0.3, 0.05, heard)
    async with watching(watch):
        await until(lambda: watch.available)
        with frozen(await backend(database)):
            await until(lambda: not watch.available)
        await until(lambda: watch.available)
    assert watch.losses == 1


async def backend(database: str) -> int:
    """The process that serves the watch's connection."""
    connection = await asyncpg.connect(database)
    query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'tocsin watch' AND datname = current_database()"
    pid: int = await connection.fetchval(query)
    await connection.close()
    return pid


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize(
    ("url", "user", "password", "dsn"),
    [
        ("postgresql://db/hub", "", "", "postgresql://db/hub"),
        ("postgresql://db/hub", "me", "p@ss/w", "postgresql://me:p%40ss%2Fw@db/hub"),
        ("postgresql://me@db:5433/hub?sslmode=require", "", "x", "postgresql://me:x@db:5433/hub?sslmode=require"),
        ("postgresql:///hub?host=/run", "me", "", "postgresql://me@/hub?host=/run"),
        ("postgresql://tocsin@/tocsin?host=/run", "", "", "postgresql://tocsin@/tocsin?host=/run"),
        ("postgresql:///hub?host=/run", "", "", "postgresql:///hub?host=/run"),
    ],
)
def test_the_address_with_its_secret(url: str, user: str, password: str, dsn: str) -> None:
    """Signs in a name or password can't be taken for a part of the address."""
    assert dsn_of(DatabaseOptions(url=url, user=user, password=SecretStr(password))) == dsn


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://me@db:5433/hub?sslmode=require", "db:5433/hub"),
        ("postgresql://tocsin@/tocsin?host=/run/x", "/run/x/tocsin"),
    ],
)
def test_the_place_for_the_log(url: str, place: str) -> None:
    """Without the user."""
    assert place_of(DatabaseOptions(url=url)) == place


def test_an_error_in_words() -> None:
    """Its first line, or what kind it is."""
    assert in_words(OSError("one\ntwo")) == "one"
    assert in_words(TimeoutError()) == "TimeoutError"
