"""Where the demo plays: all of it is gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from hub.demo import place
from tests.architecture.tree import ROOT
from tests.database_folder import servers_on


def is_there(path: Path) -> bool:
    return path.exists()


@pytest.fixture
def around(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary folders, short and passable."""
    made = Path(tempfile.mkdtemp(prefix="t-", dir="/tmp"))
    made.chmod(0o711)
    monkeypatch.setattr(tempfile, "tempdir", str(made))
    yield made
    for folder in made.iterdir():
        for process in servers_on(folder / "postgres"):
            process.kill()
    shutil.rmtree(made, ignore_errors=True)


async def test_a_database_in_a_folder_that_goes_with_it() -> None:
    """Also its processes."""
    async with place.folder() as folder:
        async with place.database(folder) as dsn:
            connection = await asyncpg.connect(dsn)
            assert await connection.fetchval("SELECT 1") == 1
            await connection.close()
            assert servers_on(folder / "postgres")
        assert servers_on(folder / "postgres") == []
    assert not folder.exists()


async def test_what_a_killed_demo_left_is_ended_and_removed(around: Path) -> None:
    """By the next one; one that plays at the same time is left alone."""
    script = (
        "import asyncio\nfrom hub.demo import place\n"
        "async def main():\n"
        "    async with place.folder() as folder, place.database(folder):\n"
        "        print(folder, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    environment = {**os.environ, "TMPDIR": str(around)}
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as other:  # noqa: ASYNC220
        assert other.stdout is not None
        left = Path(next(line for line in other.stdout if line.startswith(str(around))).strip())
        async with place.folder():
            assert is_there(left)
        other.kill()
        other.wait(20)
    assert servers_on(left / "postgres")
    async with place.folder():
        assert servers_on(left / "postgres") == []
        assert not is_there(left)


async def test_a_hub_of_the_demo_s_own() -> None:
    """On a free port, with an inbox that reaches its channels, and webhooks with a secret of their own."""
    secret = place.new_secret()
    assert len(secret) >= 32
    settings = place.settings_for(0, "", secret)
    async with place.own_hub(lambda: settings) as (server, inbox):
        assert inbox.put("system_alerts", "alert", {})
        async with aiohttp.ClientSession() as session, session.get(f"{server.url}/health") as answer:
            assert answer.status == 200
    assert secret not in repr(settings)
