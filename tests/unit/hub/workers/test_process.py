"""A worker as its supervisor sees it, with real processes."""

from __future__ import annotations

import os
import signal
import sysconfig
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from hub import listening
from hub.options import Settings
from hub.workers import process
from hub.workers.process import Place, Worker, command, environment
from tests.architecture.tree import ROOT
from tests.live import settings_for, with_keys

pytestmark = pytest.mark.timeout(120)


@asynccontextmanager
async def worker(settings: Settings, place: Place | None = None) -> AsyncIterator[Worker]:
    """Start one on a port of its own, and leave nothing behind."""
    kept = listening.bind("127.0.0.1", 0, share_port=True)
    started = await Worker.start(1, settings, place or Place(kept[0].getsockname()[1]))
    try:
        yield started
    finally:
        with suppress(ProcessLookupError):
            started.kill()
        await started.ended
        listening.close(kept)


async def test_it_serves_until_it_is_retired() -> None:
    """It says where, and ends well."""
    async with worker(settings_for()) as started:
        said = await started.ready
        assert said is not None
        async with aiohttp.ClientSession() as session, session.get(f"{said['url']}/health") as answer:
            assert answer.status == 200
        assert await started.retire(0.1, 0.5)
        assert started.is_retired
        assert await started.ended == 0


async def test_it_can_listen_on_a_socket_that_is_shared() -> None:
    """Where the kernel doesn't spread connections over sockets of one port."""
    shared = listening.bind("127.0.0.1", 0)
    try:
        async with worker(settings_for(), Place(0, tuple(each.fileno() for each in shared))) as started:
            said = await started.ready
            assert said is not None
            assert said["url"] == f"http://127.0.0.1:{shared[0].getsockname()[1]}"
            async with aiohttp.ClientSession() as session, session.get(f"{said['url']}/health") as answer:
                assert answer.status == 200
            assert await started.retire(0.1, 0.5)
    finally:
        listening.close(shared)


async def test_it_takes_other_settings() -> None:
    """And says so."""
    async with worker(settings_for()) as started:
        said = await started.ready
        assert said is not None
        assert await started.reload(1, settings_for(server__hosts=["hub.example.com"], log__level="error"), 20.0)
        headers = {"Host": "hub.example.com"}
        async with aiohttp.ClientSession() as session, session.get(f"{said['url']}/health", headers=headers) as answer:
            assert answer.status == 200


async def test_why_it_can_not_start() -> None:
    """Is told in its own words."""
    async with worker(with_keys(server__host="192.0.2.1")) as started:
        assert await started.ready is None
        assert await started.ended == 1
        (line,) = started.complaints
        assert "can't start: " in line
        assert "192.0.2.1" in line


async def test_one_that_is_killed() -> None:
    """Leaves nobody waiting: not for its being ready, nor for its taking settings."""
    async with worker(settings_for()) as started:
        os.kill(started.pid, signal.SIGKILL)
        assert await started.ended == -signal.SIGKILL
        assert not await started.reload(1, settings_for(), 0.05)
        assert started.complaints == []


async def test_one_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its grace period, the wait for closes, and some patience."""
    monkeypatch.setattr(process, "PATIENCE", 0.1)
    async with worker(settings_for()) as started:
        assert await started.ready is not None
        os.kill(started.pid, signal.SIGSTOP)
        assert not await started.reload(1, settings_for(), 0.05)
        assert not await started.retire(0.05, 0.05)
        assert await started.ended == -signal.SIGKILL


def test_no_secret_is_on_the_command_line() -> None:
    """Nor anything else of the configuration: everyone on the machine can read it."""
    words = command(3, 9)
    assert words[1:] == ["-P", "-m", "hub.workers", "--worker", "3", "--supervisor", str(os.getpid()), "--link", "9"]


def test_a_worker_finds_the_same_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when this one was found by the working folder; installed code needs no help."""
    ours = {"PYTHONPATH": "/a", "NOTIFY_SOCKET": "/run/notify", "HOME": "/home/me"}
    assert environment(ours) == {"PYTHONPATH": f"/a{os.pathsep}{ROOT}", "HOME": "/home/me"}
    assert environment({}) == {"PYTHONPATH": str(ROOT)}
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(Path(ROOT)))
    assert environment({}) == {}
