"""The supervisor in the test's own loop, with real workers and without a store; `tests/integration` has all of it."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from hub.embedded.folder import StoreFailed
from hub.options import LogOptions, Settings
from hub.workers import supervisor as module
from hub.workers.slot import WorkerFailed
from hub.workers.supervisor import Supervisor
from tests.live import settings_for
from tests.unit.hub.logbook import lines, logging_as

pytestmark = pytest.mark.timeout(120)

JSON_LOG: dict[str, Any] = {"log__format": "json"}
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR2)


@pytest.fixture(autouse=True)
def _process_as_before() -> Iterator[None]:
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    with logging_as(LogOptions(format="json")):
        yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


class PretendStore:
    """Remembers what was asked of it."""

    def __init__(self, fails: bool = False) -> None:
        self.calls: list[str] = []
        self._fails = fails

    async def start(self) -> str:
        self.calls.append("start")
        if self._fails:
            raise StoreFailed("no room")
        return ""

    async def stop(self) -> None:
        self.calls.append("stop")


class Heard:
    """The log, while it is written."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.lines: list[dict[str, Any]] = []
        self._capsys = capsys

    async def line(self, text: str) -> dict[str, Any]:
        async with asyncio.timeout(30):
            while True:
                self.lines += lines(self._capsys)
                for each in self.lines:
                    if text in each["event"]:
                        return each
                await asyncio.sleep(0.01)


@asynccontextmanager
async def supervising(made: Supervisor) -> AsyncIterator[asyncio.Task[int]]:
    running = asyncio.create_task(made.run())
    try:
        yield running
    finally:
        if not running.done():
            running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_it_runs_until_a_signal(capsys: pytest.CaptureFixture[str]) -> None:
    """Store first, then workers; and back. The end is a success."""
    store, heard = PretendStore(), Heard(capsys)
    async with supervising(Supervisor(settings_for(**JSON_LOG), 2, stores={"redis": store})) as running:
        line = await heard.line("listening on")
        assert (line["workers"], line["auth"], line["websocket"]) == (2, "open (loopback only)", "/ws")
        assert store.calls == ["start"]
        os.kill(os.getpid(), signal.SIGTERM)
        assert await running == 0
        assert store.calls == ["start", "stop"]


async def test_workers_may_share_one_socket(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the kernel doesn't spread connections over several."""
    heard = Heard(capsys)
    async with supervising(Supervisor(settings_for(**JSON_LOG), 2, balanced=False)) as running:
        url = (await heard.line("listening on"))["event"].rpartition(" ")[2]
        for _ in range(10):
            async with aiohttp.ClientSession() as session, session.get(f"{url}/health") as answer:
                assert answer.status == 200
        os.kill(os.getpid(), signal.SIGTERM)
        assert await running == 0


async def test_a_store_that_can_not_be_started() -> None:
    """Nothing else is started, and what there is of the store is ended."""
    store = PretendStore(fails=True)
    made = Supervisor(settings_for(**JSON_LOG), 2, stores={"redis": store})
    with pytest.raises(StoreFailed, match="no room"):
        await made.run()
    assert store.calls == ["start", "stop"]


async def test_a_port_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is tried again for a while, and then is the caller's to explain. The store isn't started."""
    monkeypatch.setattr(module, "TAKEN", 0.2)
    store = PretendStore()
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()
        settings = settings_for(server__port=occupied.getsockname()[1], **JSON_LOG)
        with pytest.raises(OSError, match="address already in use") as caught:
            await Supervisor(settings, 2, stores={"redis": store}).run()
    assert caught.value.errno == errno.EADDRINUSE
    assert "start" not in store.calls


async def test_a_certificate_that_can_not_be_used() -> None:
    """Is found before anything is started."""
    settings = settings_for(server__tls_certificate="/missing.pem", server__tls_key="/missing.pem", **JSON_LOG)
    with pytest.raises(FileNotFoundError):
        await Supervisor(settings, 2).run()


async def test_a_worker_that_says_that_it_can_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends all, with its words."""
    monkeypatch.setattr(module, "tls_context", lambda _: None)
    store = PretendStore()
    settings = settings_for(server__tls_certificate="/missing.pem", server__tls_key="/missing.pem", **JSON_LOG)
    before = asyncio.all_tasks()
    with pytest.raises(WorkerFailed, match=r"can't start: .*No such file"):
        await Supervisor(settings, 2, stores={"redis": store}).run()
    assert store.calls == ["start", "stop"]
    assert asyncio.all_tasks() == before


async def test_a_cancelled_one_leaves_nobody_behind(capsys: pytest.CaptureFixture[str]) -> None:
    """Workers are ended, and so is the store."""
    store, heard = PretendStore(), Heard(capsys)
    async with supervising(Supervisor(settings_for(**JSON_LOG), 2, stores={"redis": store})):
        url = (await heard.line("listening on"))["event"].rpartition(" ")[2]
    assert store.calls == ["start", "stop"]
    with pytest.raises(aiohttp.ClientConnectorError):
        async with aiohttp.ClientSession() as session:
            await session.get(url)


async def test_a_reload_reaches_every_worker(capsys: pytest.CaptureFixture[str]) -> None:
    """And those that are started later; the supervisor itself takes the log's options."""
    heard = Heard(capsys)

    def source() -> Settings:
        return settings_for(server__hosts=["hub.example.com"], server__port=1, **JSON_LOG)

    made = Supervisor(settings_for(**JSON_LOG), 2, source)
    async with supervising(made) as running:
        await heard.line("listening on")
        os.kill(os.getpid(), signal.SIGHUP)
        line = await heard.line("configuration reloaded")
        assert (line["changed"], line["workers"]) == (["server.hosts"], 2)
        assert made.settings.server.hosts == ("hub.example.com",)
        assert made.settings.server.port == 0
        os.kill(os.getpid(), signal.SIGINT)
        assert await running == 0
