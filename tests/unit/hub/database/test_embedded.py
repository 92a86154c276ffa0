"""The PostgreSQL that the hub runs for itself; `tests/integration` has it under a whole hub."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest

from hub.database.embedded import EmbeddedPostgres, default_path, url_of
from hub.database.program import installed
from hub.embedded.folder import StoreFailed
from tests.database_folder import database_folder, servers_on
from tests.live import until

__all__ = ["database_folder"]

pytestmark = pytest.mark.timeout(120)

FAST = {"fsync": "off"}


def made(folder: Path, **options: str) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder, installed(), FAST | options)


@asynccontextmanager
async def started(server: EmbeddedPostgres) -> AsyncIterator[str]:
    try:
        yield await server.start()
    finally:
        await server.stop()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def value(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_data_outlives_a_stop_and_nothing_else_does(database_folder: Path) -> None:
    """The first start makes the database. The address is that of a socket in a folder that others can't enter."""
    async with started(made(database_folder)) as url:
        assert url == f"postgresql://tocsin@/tocsin?host={database_folder}/run"
        await value(url, "CREATE TABLE kept AS SELECT 7 AS x")
        assert mode(database_folder / "run") == 0o700
        assert mode(database_folder) & 0o006 == 0
        (server,) = [each for each in servers_on(database_folder) if "-D" in each.cmdline()]
        assert server.uids().effective != 0
        assert server.net_connections("inet") == []
    assert servers_on(database_folder) == []
    async with started(made(database_folder)) as url:
        assert await value(url, "SELECT x FROM kept") == 7


async def test_one_that_is_killed_is_started_again(database_folder: Path) -> None:
    """With what was committed."""
    server = made(database_folder, fsync="on")
    async with started(server) as url:
        await value(url, "CREATE TABLE kept AS SELECT 7 AS x")
        first = server.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: server.pid != first)
        await until((database_folder / "data/postmaster.pid").exists)
        async with asyncio.timeout(20):
            while True:
                try:
                    assert await value(url, "SELECT x FROM kept") == 7
                    break
                except (OSError, asyncpg.PostgresError):
                    await asyncio.sleep(0.01)


async def test_a_leftover_that_is_alike_is_taken_over(database_folder: Path) -> None:
    """The one that a killed hub left; it ends with the hub that took it over."""
    first = made(database_folder)
    await first.start()
    pid = _abandon(first)
    assert pid is not None
    second = made(database_folder)
    async with started(second) as url:
        assert second.pid == pid
        assert await value(url, "SELECT 1") == 1
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    await _bury(first)


async def test_a_leftover_with_other_options_is_replaced(database_folder: Path) -> None:
    """It wouldn't do what is configured now. So is one that hangs."""
    first = made(database_folder)
    await first.start()
    pid = _abandon(first)
    assert pid is not None
    second = made(database_folder, max_connections="33")
    async with started(second) as url:
        assert second.pid != pid
        assert await value(url, "SHOW max_connections") == "33"
    await _bury(first)


async def test_a_lock_file_whose_process_id_is_somebody_else_s(database_folder: Path) -> None:
    """As after a crash of a container, where numbers are small: ours, say."""
    async with started(made(database_folder)):
        pass
    lock = database_folder / "data" / "postmaster.pid"
    lock.write_text(f"{os.getppid()}\n{database_folder}/data\n1\n5432\n{database_folder}/run\n\n  1  1\nready\n")
    async with started(made(database_folder)) as url:
        assert await value(url, "SELECT 1") == 1


async def test_two_hubs_can_not_have_one_folder(database_folder: Path) -> None:
    """The second one is told who has it."""
    async with started(made(database_folder)) as url:
        with pytest.raises(StoreFailed, match=rf"in use by another hub \(process {os.getpid()}\).*database\.url"):
            await made(database_folder).start()
        assert await value(url, "SELECT 1") == 1


async def test_options_that_it_refuses(database_folder: Path) -> None:
    """Its own words are in the error."""
    with pytest.raises(StoreFailed, match=r"ended at once.*shared_buffers"):
        async with started(made(database_folder, shared_buffers="nonsense")):
            raise AssertionError
    assert servers_on(database_folder) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="others than root run it themselves")
async def test_a_folder_that_its_user_can_not_reach(database_folder: Path) -> None:
    """The error names the folder that is closed; it isn't opened for all the world."""
    database_folder.parent.chmod(0o700)
    with pytest.raises(StoreFailed, match=rf"who can't pass {database_folder.parent}; set database\.embedded_dir"):
        async with started(made(database_folder)):
            raise AssertionError
    assert mode(database_folder.parent) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
async def test_other_users_can_not_connect(database_folder: Path) -> None:
    """Not even the user that the server runs as: the kernel says who comes."""
    async with started(made(database_folder)):
        number = (database_folder / "data").stat().st_uid
        program = installed().program("psql")
        process = await asyncio.create_subprocess_exec(
            program,
            *("-h", str(database_folder / "run"), "-U", "tocsin", "-c", "SELECT 1"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            user=number,
            group=number,
            extra_groups=[],
        )
        _, said = await process.communicate()
        assert process.returncode != 0
        assert b"Peer authentication failed" in said


@pytest.mark.parametrize(
    ("root", "environment", "path"),
    [
        (False, {}, "/home/me/.local/state/tocsin/postgres-8080"),
        (False, {"STATE_DIRECTORY": "/var/lib/hub"}, "/var/lib/hub/postgres-8080"),
        (True, {}, "/var/lib/tocsin/postgres-8080"),
        (True, {"STATE_DIRECTORY": "/var/lib/hub"}, "/var/lib/hub/postgres-8080"),
        (True, {"XDG_STATE_HOME": "/state"}, "/state/tocsin/postgres-8080"),
    ],
)
def test_where_it_is(monkeypatch: pytest.MonkeyPatch, root: bool, environment: dict[str, str], path: str) -> None:
    """The same for each start on a port; root's home is no place for it."""
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    assert default_path(8080, environment, Path("/home/me")) == Path(path)


def test_a_folder_with_signs_in_its_name() -> None:
    """Is found all the same."""
    assert url_of(Path("/a b/c&d"), "x") == "postgresql://tocsin@/x?host=/a%20b/c%26d"


def _abandon(server: EmbeddedPostgres) -> int | None:
    """Let go of it as a hub does that is killed: nobody ends the server, and the lock is free."""
    assert server._keeping is not None
    server._keeping.cancel()
    server._folder.release()
    return server.pid


async def _bury(server: EmbeddedPostgres) -> None:
    assert server._keeping is not None
    await asyncio.gather(server._keeping, return_exceptions=True)
    assert server._server is not None
    await server._server.wait()
