"""The PostgreSQL that a hub runs for itself: who starts it, who shares it, and what outlives whom."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import psutil
import pytest

from hub.database.embedded import url_of
from tests.architecture.tree import ROOT
from tests.database_folder import database_folder, servers_on
from tests.integration.supervised import Supervised, gone, supervised, wait_until, write

__all__ = ["database_folder"]

pytestmark = pytest.mark.timeout(120)


@contextmanager
def hub_on(folder: Path, tmp_path: Path, workers: int = 1, **options: Any) -> Iterator[Supervised]:
    database = {"embedded": "always", "embedded_dir": str(folder), **options}
    with supervised(tmp_path, workers, database=database) as hub:
        yield hub


async def in_thread(work: Callable[..., Any], *arguments: Any) -> Any:
    return await asyncio.to_thread(work, *arguments)


async def metric(hub: Supervised, name: str) -> list[float]:
    """The value in each process."""
    url = await in_thread(lambda: hub.url)
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return [float(line.rpartition(" ")[2]) for line in lines if line.partition("{")[0].partition(" ")[0] == name]


async def all_there(hub: Supervised, number: int) -> None:
    """Wait until every process has the database."""
    async with asyncio.timeout(30):
        while await metric(hub, "tocsin_db_available") != [1.0] * number:  # noqa: ASYNC110 - other processes tell nobody
            await asyncio.sleep(0.05)


async def value(folder: Path, query: str) -> Any:
    connection = await asyncpg.connect(url_of(folder / "run", "tocsin"))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_one_process_runs_its_own(tmp_path: Path, database_folder: Path) -> None:
    """It is there when the hub listens, without a port, and ends after the hub, which ends well."""
    with hub_on(database_folder, tmp_path) as hub:
        await all_there(hub, 1)
        line = hub.line("the hub's database is an embedded PostgreSQL")
        assert (line["folder"], line["taken_over"]) == (str(database_folder), False)
        server = psutil.Process(line["pid"])
        assert [each for each in server.net_connections("inet") if each.status == psutil.CONN_LISTEN] == []
        assert server.uids().effective != 0
        hub.signal(signal.SIGTERM)
        assert await in_thread(hub.process.wait, 30) == 0
        assert servers_on(database_folder) == []
        assert "embedded PostgreSQL has ended" in str(hub.lines[-1]["event"])


async def test_a_server_that_is_killed_comes_back(tmp_path: Path, database_folder: Path) -> None:
    """The hub goes on meanwhile, says so, and connects again by itself."""
    with hub_on(database_folder, tmp_path) as hub:
        await all_there(hub, 1)
        await value(database_folder, "CREATE TABLE kept AS SELECT 7 AS x")
        os.kill(hub.line("is an embedded PostgreSQL")["pid"], signal.SIGKILL)
        await in_thread(hub.line, "the database is away")
        await in_thread(hub.line, "the embedded PostgreSQL is back")
        await all_there(hub, 1)
        assert await value(database_folder, "SELECT x FROM kept") == 7
        assert await metric(hub, "tocsin_db_losses_total") == [1.0]


async def test_workers_share_one(tmp_path: Path, database_folder: Path) -> None:
    """The supervisor runs it; it ends after them."""
    with hub_on(database_folder, tmp_path, workers=2) as hub:
        await all_there(hub, 2)
        # A session's process is called as the server is until it has named itself.
        (_,) = [each for each in servers_on(database_folder) if each.ppid() == hub.pid]
        query = "SELECT count(DISTINCT application_name) FROM pg_stat_activity WHERE application_name ~ '^tocsin [^w]'"
        await in_thread(wait_until, lambda: asyncio.run(value(database_folder, query)) == 2)
        hub.signal(signal.SIGTERM)
        assert await in_thread(hub.process.wait, 30) == 0
        assert servers_on(database_folder) == []


@pytest.mark.parametrize("workers", [1, 2])
async def test_it_outlives_a_hub_that_is_killed(tmp_path: Path, database_folder: Path, workers: int) -> None:
    """The next hub takes it over, and ends it."""
    with hub_on(database_folder, tmp_path, workers) as first:
        await all_there(first, workers)
        pid = first.line("is an embedded PostgreSQL")["pid"]
        others = first.workers()
        os.kill(first.pid, signal.SIGKILL)
        await in_thread(first.process.wait, 30)
        await in_thread(wait_until, lambda: all(map(gone, others.values())))
        assert not gone(pid)
        with hub_on(database_folder, tmp_path, workers) as second:
            line = await in_thread(second.line, "is an embedded PostgreSQL")
            assert (line["pid"], line["taken_over"]) == (pid, True)
            await all_there(second, workers)
            second.signal(signal.SIGTERM)
            assert await in_thread(second.process.wait, 30) == 0
        assert servers_on(database_folder) == []


async def test_a_stop_while_the_database_is_made(tmp_path: Path, database_folder: Path) -> None:
    """Ends the hub, well, and leaves no server; the next start is as if it were the first."""
    with hub_on(database_folder, tmp_path) as hub:
        await in_thread(hub.line, "making a database")
        hub.signal(signal.SIGTERM)
        assert await in_thread(hub.process.wait, 30) == 0
    assert servers_on(database_folder) == []
    with hub_on(database_folder, tmp_path) as hub:
        await all_there(hub, 1)
        hub.signal(signal.SIGTERM)
        assert await in_thread(hub.process.wait, 30) == 0


def test_a_folder_of_another_version(tmp_path: Path, database_folder: Path) -> None:
    """Nothing starts, and nothing is touched; the one line says what to do."""
    (database_folder / "data").mkdir(parents=True, mode=0o700)
    database_folder.chmod(0o700)
    (database_folder / "data" / "PG_VERSION").write_text("15\n")
    config = tmp_path / "config.yaml"
    write(config, {"database": {"embedded": "always", "embedded_dir": str(database_folder)}})
    command = [sys.executable, "-m", "hub.cli", "serve", "--config", str(config)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "was made by PostgreSQL 15, and this hub has 18" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert [path.name for path in (database_folder / "data").iterdir()] == ["PG_VERSION"]


async def test_a_reload_says_nothing_of_an_address_that_nobody_set(tmp_path: Path, database_folder: Path) -> None:
    """The embedded server's address isn't a change of the configuration."""
    with hub_on(database_folder, tmp_path) as hub:
        await all_there(hub, 1)
        database = {"embedded": "always", "embedded_dir": str(database_folder)}
        hub.configure({"log": {"level": "debug"}, "database": database})
        before = hub.signal(signal.SIGHUP)
        await in_thread(hub.line, "configuration reloaded", before)
        options = [str(line.get("option")) for line in hub.lines[before:]]
        assert [option for option in options if option.startswith("database")] == []
