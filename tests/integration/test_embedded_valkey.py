"""The Valkey that several workers run for themselves: what they share, and what outlives whom."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from tests.architecture.tree import ROOT
from tests.integration.supervised import gone, supervised, wait_until, write

pytestmark = pytest.mark.timeout(120)


async def in_thread(work: Any, *arguments: Any, **fields: Any) -> Any:
    return await asyncio.to_thread(work, *arguments, **fields)


async def publish(url: str, number: int) -> dict[str, Any]:
    body = {"channel": "system_alerts", "type": "alert", "data": {"number": number}}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)) as session:
        while True:
            async with session.post(f"{url}/api/publish", json=body) as answer:
                said: dict[str, Any] = await answer.json()
                if answer.status != 503:
                    assert answer.status in (200, 202), said
                    return said
            await asyncio.sleep(0.05)


async def history(url: str) -> tuple[str, list[int]]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)) as session:
        while True:
            async with session.get(f"{url}/api/channels/system_alerts/history") as answer:
                said = await answer.json()
                if answer.status == 200:
                    publications = said["publications"]
                    return said["epoch"], [each["data"]["number"] for each in publications]
                assert answer.status == 503, said
            await asyncio.sleep(0.05)


async def test_it_is_private(tmp_path: Path) -> None:
    """Only this user can reach it: by a socket in a folder that others can't enter, and by no port. The log says where
    it is."""
    with supervised(tmp_path) as hub:
        line = await in_thread(hub.line, "embedded Valkey")
        folder = tmp_path / "valkey"
        assert (line["folder"], line["taken_over"]) == (str(folder), False)
        valkey = psutil.Process(hub.valkey())
        assert line["pid"] == valkey.pid
        assert [each for each in valkey.net_connections() if each.status == psutil.CONN_LISTEN] == []
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for file in folder.rglob("*"):
            if not file.is_dir():
                assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
        await in_thread(lambda: hub.url)
        hub.signal(signal.SIGTERM)
        assert await in_thread(hub.process.wait, 30) == 0
        assert gone(valkey.pid)
        assert "embedded Valkey has ended" in str(hub.lines[-1]["event"])


async def test_workers_share_channels(tmp_path: Path) -> None:
    """What one worker publishes, subscribers at all of them get, each publication once and in order."""
    with supervised(tmp_path) as hub:
        url = await in_thread(lambda: hub.url)
        async with aiohttp.ClientSession() as session:
            sockets = [await session.ws_connect(f"{url}/ws") for _ in range(12)]
            for each in sockets:
                await each.receive_json(timeout=20)
                await each.send_json({"action": "subscribe", "channel": "system_alerts"})
                assert (await each.receive_json(timeout=20))["status"] == "success"
            for number in range(20):
                await publish(url, number)
            for each in sockets:
                got = [(await each.receive_json(timeout=20))["data"]["number"] for _ in range(20)]
                assert got == list(range(20))
                await each.close()


async def test_nothing_that_was_acknowledged_is_lost_when_it_is_killed(tmp_path: Path) -> None:
    """It is started again with its data: positions and epochs go on."""
    with supervised(tmp_path) as hub:
        url = await in_thread(lambda: hub.url)
        offsets = [(await publish(url, number))["offset"] for number in range(30)]
        epoch, before = await history(url)
        killed = hub.valkey()
        os.kill(killed, signal.SIGKILL)
        back = await in_thread(hub.line, "the embedded Valkey is back")
        assert back["pid"] != killed
        assert hub.line("the embedded Valkey died")["how"] == "killed by SIGKILL"
        assert await history(url) == (epoch, before)
        assert before == list(range(30))
        assert offsets == list(range(offsets[0], offsets[0] + 30))


async def test_it_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    """The next supervisor takes the same server over, and streams go on as if nothing had been."""
    with supervised(tmp_path) as first:
        url = await in_thread(lambda: first.url)
        await publish(url, 1)
        epoch, _ = await history(url)
        valkey, workers = first.valkey(), first.workers()
        os.kill(first.pid, signal.SIGKILL)
        await in_thread(wait_until, lambda: all(map(gone, workers.values())))
        assert not gone(valkey)
        with supervised(tmp_path) as second:
            line = await in_thread(second.line, "embedded Valkey")
            assert (line["pid"], line["taken_over"]) == (valkey, True)
            assert await history(await in_thread(lambda: second.url)) == (epoch, [1])
            second.signal(signal.SIGTERM)
            assert await in_thread(second.process.wait, 30) == 0
        assert gone(valkey)


async def test_one_that_is_left_over_and_hangs_is_replaced(tmp_path: Path) -> None:
    """It can't be asked, so it is ended; its data is on the disk."""
    with supervised(tmp_path) as first:
        url = await in_thread(lambda: first.url)
        await publish(url, 1)
        epoch, _ = await history(url)
        valkey = first.valkey()
        os.kill(first.pid, signal.SIGKILL)
        os.kill(valkey, signal.SIGSTOP)
        with supervised(tmp_path) as second:
            line = await in_thread(second.line, "workers share their channels")
            assert line["taken_over"] is False
            assert gone(valkey)
            assert await history(await in_thread(lambda: second.url)) == (epoch, [1])


def test_two_hubs_can_not_have_one_folder(tmp_path: Path) -> None:
    """The second one says who has it, and touches nothing."""
    with supervised(tmp_path) as hub:
        assert hub.url
        write(tmp_path / "second.yaml", {"redis": {"embedded_dir": str(tmp_path / "valkey")}})
        command = [
            sys.executable,
            "-m",
            "hub.cli",
            "serve",
            "--config",
            str(tmp_path / "second.yaml"),
            "--workers",
            "2",
        ]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == 1
        assert f"{tmp_path / 'valkey'}: is in use by another hub (process {hub.pid})" in ended.stderr
        assert not gone(hub.valkey())
        assert sorted(hub.workers()) == [1, 2]
