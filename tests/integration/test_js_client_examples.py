"""The examples of the JavaScript client, run as a reader runs them: with the package installed beside them."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.integration.test_auth import lasting
from tests.js_client import PACKAGE, built
from tests.live import LiveHub, running, until, with_keys

EXAMPLES = PACKAGE.parents[1] / "examples"

CHANNEL = "ai_analysis"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the example programs, and the packages that they need."""
    built()
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "tocsin-client").symlink_to(PACKAGE)
    (tmp_path / "node_modules" / "ws").symlink_to(PACKAGE / "node_modules" / "ws")
    for example in EXAMPLES.glob("js_*.mjs"):
        shutil.copy(example, tmp_path)
    return tmp_path


@asynccontextmanager
async def started(project: Path, *command: str, token: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run an example beside the test."""
    process = await asyncio.create_subprocess_exec(
        *("node", *command),
        cwd=project,
        env={**os.environ, "TOCSIN_TOKEN": token},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
async def live() -> AsyncIterator[LiveHub]:
    """A hub that wants tokens."""
    async with running(with_keys()) as live:
        yield live


async def _line(process: asyncio.subprocess.Process) -> object:
    assert process.stdout is not None
    async with asyncio.timeout(20):
        return json.loads(await process.stdout.readline())


async def test_following_and_publishing(live: LiveHub, project: Path) -> None:
    """What one program publishes the other one prints, also after a cut; Ctrl+C ends it cleanly."""
    publisher = lasting(600.0, publish=[CHANNEL])
    async with started(project, "js_follow.mjs", live.url, CHANNEL, token=lasting(600.0)) as follower:
        await until(lambda: live.hub.engine.registry.count(CHANNEL) == 1)
        for text in ("one", "two"):
            for connection in live.hub.connections:
                connection.abort()
            async with started(
                project, "js_publish.mjs", live.url, CHANNEL, "note", f'"{text}"', token=publisher
            ) as done:
                placed = await _line(done)
                assert isinstance(placed, dict)
                assert placed["channel"] == CHANNEL
                assert await done.wait() == 0
            assert await _line(follower) == {"channel": CHANNEL, "type": "note", "data": text}
        follower.send_signal(2)
        async with asyncio.timeout(15):
            assert await follower.wait() == 0


async def test_a_refusal_is_an_exit_code(live: LiveHub, project: Path) -> None:
    """Who may not publish, or follow, is told why."""
    async with started(project, "js_publish.mjs", live.url, CHANNEL, "note", "1", token=lasting(600.0)) as program:
        out, errors = await asyncio.wait_for(program.communicate(), 20)
        assert (program.returncode, out) == (1, b"")
        assert errors.startswith(b"permission_denied ")
    async with started(project, "js_follow.mjs", live.url, "nope", token=lasting(600.0)) as program:
        _, errors = await asyncio.wait_for(program.communicate(), 20)
        assert program.returncode == 1
        assert b"unknown_channel Invalid channel: nope" in errors
