"""A real PostgreSQL 18 for tests, with pgvector, pg_trgm and pg_stat_statements.

One server per pytest process (so one for each of pytest-xdist's workers), started when the first test wants it: on a
Unix socket in a folder of its own, without a port, not as root. It ends with the process, however that ends.

How to use it: import the fixtures into a conftest.py, or into the test's module, and ask for one::

    from tests.postgres_server import database, postgres

    __all__ = ["database", "postgres"]  # or: # noqa: F401

    async def test_rows_are_kept(database: str) -> None:
        connection = await asyncpg.connect(database)

- ``database`` is the DSN of a fresh, empty database for each test: ``postgresql://tocsin@/NAME?host=FOLDER``, good for
  ``asyncpg.connect``, ``asyncpg.create_pool`` and libpq; the user is a superuser, so ``CREATE EXTENSION vector`` works.
  For SQLAlchemy use :func:`sqlalchemy_url`. It is dropped after the test, with whoever is still connected.
- ``postgres`` is the server: ``postgres.create()`` gives further databases, ``postgres.create(template="NAME")`` copies
  one (what a module has filled once, each test gets as a copy), ``postgres.drop(dsn)`` drops one.

The fixtures may be imported in several places: the server is still one. For a module's own database write a fixture
with ``scope="module"`` that calls ``postgres.create()``. A server that can be killed: ``hub.database.embedded``.
"""

from __future__ import annotations

import asyncio
import atexit
import itertools
import subprocess
import sys
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import asyncpg
import pytest

from tests.postgres_guardian import ADMINISTRATOR

_GUARDIAN = Path(__file__).with_name("postgres_guardian.py")


class PostgresServer:
    """The server of this process.

    Attributes:
        folder: where its socket is; `host` of a connection.
        log: what it has written down.
    """

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._guardian = subprocess.Popen(
            [sys.executable, str(_GUARDIAN)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        assert self._guardian.stdout is not None
        self.folder = self._guardian.stdout.readline().decode().strip()
        assert self.folder, "PostgreSQL for tests didn't start; the reason stands above"
        self.log = Path(self.folder) / "log"

    def dsn(self, name: str = "postgres") -> str:
        """Where a database is."""
        return f"postgresql://{ADMINISTRATOR}@/{quote(name)}?host={quote(self.folder, safe='/')}"

    def create(self, template: str = "template0") -> str:
        """Make a database, and return its DSN.

        Args:
            template: name of a database to copy, which nobody may be connected to.
        """
        name = f"t{next(self._numbers)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.dsn(name)

    def drop(self, dsn: str) -> None:
        """Drop a database, and cut whoever is connected to it."""
        self._execute(f'DROP DATABASE IF EXISTS "{database_name(dsn)}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(self.dsn())
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        _in_a_thread(run())

    def stop(self) -> None:
        """End it and remove its folder."""
        assert self._guardian.stdin is not None
        assert self._guardian.stdout is not None
        self._guardian.stdin.close()
        self._guardian.wait()
        self._guardian.stdout.close()


def _in_a_thread(work: Coroutine[None, None, None]) -> None:
    """Run it beside a loop that may run here, or belong to a test."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, name="tests on PostgreSQL")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


def database_name(dsn: str) -> str:
    """The name of the database in a DSN."""
    return unquote(urlsplit(dsn).path.removeprefix("/"))


def sqlalchemy_url(dsn: str) -> str:
    """The same database for `sqlalchemy.ext.asyncio.create_async_engine`."""
    return dsn.replace("postgresql://", "postgresql+asyncpg://", 1)


_running: list[PostgresServer] = []


def the_server() -> PostgresServer:
    """The server of this process, started at the first call."""
    if not _running:
        _running.append(PostgresServer())
        atexit.register(_running[0].stop)
    return _running[0]


@pytest.fixture(scope="session")
def postgres() -> PostgresServer:
    """The server."""
    return the_server()


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[str]:
    """The DSN of an empty database, which is dropped afterwards."""
    dsn = postgres.create()
    yield dsn
    postgres.drop(dsn)
