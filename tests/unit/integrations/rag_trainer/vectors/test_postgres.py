"""Sessions: that nothing of the DSN comes out, whatever goes wrong, and that a blocked server isn't waited for."""

from __future__ import annotations

import asyncio
import socket
import threading
import traceback

import pytest

from integrations.rag_trainer.ports import StoreFailed
from integrations.rag_trainer.vectors.postgres import Connection, Session
from tests.postgres_server import PostgresServer, database, postgres

__all__ = ["database", "postgres"]

SECRET = "swordfish"


async def _one(connection: Connection) -> int:
    return int(await connection.fetchval("SELECT 1"))


def _failure(dsn: str, timeout: float = 5.0) -> str:
    """Return all that anybody could read of a failure."""
    session = Session(dsn, timeout)
    with pytest.raises(StoreFailed) as caught:
        session.run(_one)
    session.close()
    return "".join(traceback.format_exception(caught.value))


def test_work_is_done_wherever_it_is_asked_for(database: str) -> None:
    """Also by code that stands on a loop, and by several threads in turn."""
    session = Session(database, 5)

    async def on_a_loop() -> int:
        return session.run(_one)

    assert asyncio.run(on_a_loop()) == 1
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(session.run(_one)))
    thread.start()
    thread.join()
    assert found == [1]
    session.close()
    session.close()
    assert session.run(_one) == 1
    session.close()


@pytest.mark.parametrize(
    ("dsn", "words"),
    [
        (f"postgresql://user:{SECRET}@127.0.0.1:1/name", "expected to reach PostgreSQL"),
        (f"postgresql://user:{SECRET}@127.0.0.1:port{SECRET}/name", "isn't one"),
        (f"postgresql://user:{SECRET}@/name?host=/{SECRET}", "expected to reach PostgreSQL"),
        (f"postgresql://user:{SECRET}@127.0.0.1:1/name?sslmode={SECRET}", "expected"),
    ],
    ids=["refused", "port", "socket", "sslmode"],
)
def test_what_can_not_be_reached_is_told_without_the_address(dsn: str, words: str) -> None:
    """Neither in the text nor in the traceback."""
    told = _failure(dsn)
    assert words in told
    assert SECRET not in told.replace(f'"{dsn}"', "")
    assert "user" not in told.splitlines()[-1]


def test_what_is_refused_is_told_with_the_reason(postgres: PostgresServer) -> None:
    """A user and a database that aren't there; the server's own words have their names."""
    nobody = f"postgresql://{SECRET}@/postgres?host={postgres.folder}"
    assert "doesn't let this user in (28000)" in _failure(nobody)
    nothing = postgres.dsn(SECRET)
    assert "there is no such database: make it (3D000)" in _failure(nothing)
    assert SECRET not in _failure(nobody) + _failure(nothing)


def test_something_else_than_an_address() -> None:
    """Is refused at once, and not repeated."""
    with pytest.raises(ValueError, match="expected pgvector_dsn to begin with postgresql://") as caught:
        Session(f"mysql://user:{SECRET}@host/name", 5)
    assert SECRET not in str(caught.value)


def test_a_server_that_says_nothing_is_given_up() -> None:
    """After the time for connecting."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        told = _failure(f"postgresql://user:{SECRET}@127.0.0.1:{server.getsockname()[1]}/name?sslmode=disable", 0.1)
    assert "expected an answer of PostgreSQL within pgvector_timeout" in told
    assert SECRET not in told


def test_a_statement_that_takes_too_long_is_given_up(database: str) -> None:
    """And the next one is answered."""
    session = Session(database, 0.2)

    async def slow(connection: Connection) -> None:
        await connection.execute("SELECT pg_sleep(30)")

    with pytest.raises(StoreFailed, match="within pgvector_timeout"):
        session.run(slow)
    assert session.run(_one) == 1
    session.close()
