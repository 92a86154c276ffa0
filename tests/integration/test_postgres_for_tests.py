"""The PostgreSQL that tests get: one per process, private, and gone with it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import psutil
import pytest

from tests.postgres_server import PostgresServer, database, database_name, postgres, the_server

__all__ = ["database", "postgres"]

_OTHER_PROCESS = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.postgres_server import the_server
print(the_server().folder, flush=True)
sys.stdin.read()
"""


def _servers_on(folder: str) -> list[psutil.Process]:
    return [each for each in psutil.process_iter(["cmdline"]) if f"{folder}/data" in (each.info["cmdline"] or [])]


async def test_a_test_gets_an_empty_database_of_its_own(database: str, postgres: PostgresServer) -> None:
    """What one writes no other sees; extensions can be made; the server isn't root's."""
    connection = await asyncpg.connect(database)
    await connection.execute("CREATE EXTENSION vector; CREATE TABLE kept (x vector(3))")
    assert await connection.fetchval("SELECT current_database()") == database_name(database)
    await connection.close()
    copy = postgres.create(template=database_name(database))
    connection = await asyncpg.connect(copy)
    assert await connection.fetchval("SELECT count(*) FROM kept") == 0
    await connection.close()
    postgres.drop(copy)
    (server,) = _servers_on(postgres.folder)
    assert server.uids().effective != 0
    assert server.net_connections("inet") == []


async def test_a_database_with_somebody_on_it_is_dropped(postgres: PostgresServer) -> None:
    """A test that leaves a connection behind can't hold up the next."""
    dsn = postgres.create()
    connection = await asyncpg.connect(dsn)
    postgres.drop(dsn)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await connection.fetchval("SELECT 1")
    await connection.close()


def test_the_server_is_one_for_all_who_import_the_fixtures(postgres: PostgresServer) -> None:
    """Several conftests may import them."""
    assert the_server() is postgres


def test_a_server_ends_with_the_process_that_wanted_it_even_if_killed() -> None:
    """No server and no folder is left over."""
    root = str(Path(__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, "-c", _OTHER_PROCESS, root], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        folder = process.stdout.readline().decode().strip()
        (server,) = _servers_on(folder)
        process.kill()
        process.wait()
    until = time.monotonic() + 20
    while (server.is_running() or os.path.exists(folder)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not server.is_running()
    assert not os.path.exists(folder)
