"""Several workers on one port: they share the work, one that dies is replaced, and they leave one after the other."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.architecture.tree import ROOT
from tests.integration.supervised import gone, supervised, wait_until, write

pytestmark = pytest.mark.timeout(120)


async def in_thread(work: Any, *arguments: Any, **fields: Any) -> Any:
    return await asyncio.to_thread(work, *arguments, **fields)


async def who_answers(url: str) -> str:
    """Ask on a connection of its own; return what tells the worker from others: each counts its requests by itself."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as session, session.get(f"{url}/health") as it:
        assert it.status == 200
        return it.headers["X-Request-Id"].partition("-")[0]


async def everyone(url: str, count: int) -> set[str]:
    """Ask until `count` workers have answered."""
    found: set[str] = set()
    async with asyncio.timeout(30):
        while len(found) < count:
            found.add(await who_answers(url))
    return found


@asynccontextmanager
async def clients(url: str, count: int) -> AsyncIterator[list[aiohttp.ClientWebSocketResponse]]:
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        sockets = [await stack.enter_async_context(session.ws_connect(f"{url}/ws")) for _ in range(count)]
        for each in sockets:
            assert (await each.receive_json(timeout=20))["status"] == "connected"
        yield sockets


async def test_they_answer_on_one_port(tmp_path: Path) -> None:
    """The kernel spreads connections over them. The supervisor says once where they listen, when all do."""
    with supervised(tmp_path, workers=3) as hub:
        url = await in_thread(lambda: hub.url)
        assert len(await everyone(url, 3)) == 3
        assert sorted(hub.workers()) == [1, 2, 3]
        assert len([line for line in hub.lines if str(line["event"]).startswith("listening on")]) == 1


async def test_one_that_is_killed_is_replaced(tmp_path: Path) -> None:
    """The port answers in the meantime; what belonged to the others goes on."""
    with supervised(tmp_path) as hub:
        url = await in_thread(lambda: hub.url)
        before = await everyone(url, 2)
        pids = hub.workers()
        os.kill(pids[2], signal.SIGKILL)
        await in_thread(wait_until, lambda: gone(pids[2]))
        heard: set[str] = set()
        async with asyncio.timeout(30):
            while len(heard - before) < 1:
                heard.add(await who_answers(url))
        died = hub.line("a worker died")
        assert (died["worker"], died["how"], died["pid"]) == (2, "killed by SIGKILL", pids[2])
        after = hub.workers()
        assert after[1] == pids[1]
        assert after[2] != pids[2]
        assert len(heard & before) == 1


async def test_sigterm_lets_them_go_one_after_the_other(tmp_path: Path) -> None:
    """Each over its part of the grace period. Clients hear when to come back, and find the workers that are left; the
    last ones are let go, too, and that is a success."""
    with supervised(tmp_path, server={"drain": 2.0}) as hub:
        url = await in_thread(lambda: hub.url)
        async with clients(url, 24) as sockets:
            loop = asyncio.get_running_loop()
            ends: list[float] = []
            came_back: list[bool] = []

            async def stay(each: aiohttp.ClientWebSocketResponse) -> None:
                notice = await each.receive_json(timeout=30)
                assert (notice["type"], notice["reason"]) == ("reconnect", "the hub is stopping")
                assert 0 <= notice["delay_ms"] <= 1000
                await each.receive(timeout=30)
                assert each.close_code == 1001
                ends.append(loop.time())
                async with aiohttp.ClientSession() as session:
                    try:
                        async with session.ws_connect(f"{url}/ws"):
                            came_back.append(True)
                    except aiohttp.ClientError:
                        came_back.append(False)

            staying = [asyncio.create_task(stay(each)) for each in sockets]
            began = loop.time()
            hub.signal(signal.SIGTERM)
            await asyncio.gather(*staying)
            assert await in_thread(hub.process.wait, 30) == 0
        assert 1.0 < max(ends) - began < 10.0
        assert came_back[0]
        order = [(line["event"], line.get("worker")) for line in hub.lines if "worker" in line]
        assert [each for each in order if each[0] in ("draining a worker", "stopped")] == [
            ("draining a worker", 1),
            ("stopped", 1),
            ("draining a worker", 2),
            ("stopped", 2),
        ]


async def test_a_second_signal_ends_all_at_once(tmp_path: Path) -> None:
    """However long the grace period; nobody is left."""
    with supervised(tmp_path, server={"drain": 100.0}) as hub:
        url = await in_thread(lambda: hub.url)
        async with clients(url, 8):
            pids, valkey = hub.workers(), hub.valkey()
            hub.signal(signal.SIGTERM)
            await in_thread(hub.line, "draining a worker")
            hub.signal(signal.SIGTERM)
            assert await in_thread(hub.process.wait, 30) == -signal.SIGTERM
            assert all(gone(pid) for pid in (*pids.values(), valkey))


async def test_a_signal_during_the_start_ends_it(tmp_path: Path) -> None:
    """As soon as that is possible, and well."""
    with supervised(tmp_path) as hub:
        await in_thread(hub.line, "embedded Valkey")
        hub.signal(signal.SIGTERM)
        assert await in_thread(hub.process.wait, 30) == 0
        assert hub.workers() == {}


async def test_workers_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    """They let their clients go, and free the port."""
    with supervised(tmp_path) as hub:
        url = await in_thread(lambda: hub.url)
        pids, valkey = hub.workers(), hub.valkey()
        async with clients(url, 4) as sockets:
            os.kill(hub.pid, signal.SIGKILL)
            for each in sockets:
                assert (await each.receive_json(timeout=20))["type"] == "reconnect"
            await in_thread(wait_until, lambda: all(map(gone, pids.values())))
        with pytest.raises(aiohttp.ClientConnectorError):
            await who_answers(url)
        os.kill(valkey, signal.SIGTERM)
        await in_thread(wait_until, lambda: gone(valkey))


async def test_a_rolling_restart(tmp_path: Path) -> None:
    """SIGUSR2 puts a successor in the place of each worker, with the configuration as it is now. Somebody answers all
    the time."""
    with supervised(tmp_path) as hub:
        url = await in_thread(lambda: hub.url)
        pids, valkey = hub.workers(), hub.valkey()
        hub.configure({"websocket": {"path": "/socket"}, "redis": {"embedded_dir": str(tmp_path / "valkey")}})
        before = hub.signal(signal.SIGUSR2)
        rolling = asyncio.create_task(in_thread(hub.line, "all workers were replaced", before))
        failures = 0
        while not rolling.done():
            try:
                await who_answers(url)
            except aiohttp.ClientConnectionError:
                failures += 1
        await rolling
        assert failures <= 1, "a connection may be reset while its handshake meets a closing socket, and rarely is"
        after = hub.workers()
        assert sorted(after) == [1, 2]
        assert not set(after.values()) & set(pids.values())
        assert hub.valkey() == valkey
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/socket") as each:
            assert (await each.receive_json(timeout=20))["status"] == "connected"
        hub.signal(signal.SIGTERM)
        assert await in_thread(hub.process.wait, 30) == 0


def run(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hub.cli", "serve", "--config", str(config), "--workers", "2", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """Is told as for one process, before anything is started."""
    write(tmp_path / "config.yaml", {"redis": {"embedded_dir": str(tmp_path / "valkey")}})
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()
        port = occupied.getsockname()[1]
        ended = run(tmp_path / "config.yaml", "--port", str(port))
    assert ended.returncode == 3
    assert f"127.0.0.1:{port} is in use" in ended.stderr
    assert not (tmp_path / "valkey").exists()


def test_the_port_of_another_supervisor(tmp_path: Path) -> None:
    """Isn't shared with it, although its workers share it among themselves."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    with supervised(first) as hub:
        port = hub.url.rpartition(":")[2]
        write(second / "config.yaml", {"redis": {"embedded_dir": str(second / "valkey")}})
        ended = run(second / "config.yaml", "--port", port)
    assert ended.returncode == 3
    assert "is in use" in ended.stderr


def test_the_service_manager_is_told(tmp_path: Path) -> None:
    """When all workers listen, and when the end begins; and by nobody but the supervisor."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        with supervised(tmp_path, variables={"NOTIFY_SOCKET": str(tmp_path / "notify")}) as hub:
            assert manager.recv(100) == b"READY=1"
            assert len(hub.workers()) == 2
            hub.signal(signal.SIGTERM)
            assert manager.recv(100) == b"STOPPING=1"
            assert hub.process.wait(30) == 0
        manager.setblocking(False)
        with pytest.raises(BlockingIOError):
            manager.recv(100)
