"""Socket.IO with several workers on one port: each request of a polling client may reach any of them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.integration.certificate import make_certificate
from tests.integration.supervised import Supervised, supervised
from tests.js_client import Program, running_node
from tests.needs import NODE_PROJECT

pytestmark = pytest.mark.timeout(120)

CHANNEL = "ai_analysis"
WAYS = [["polling"], ["polling", "websocket"]]


async def in_thread(work: Any, *arguments: Any) -> Any:
    return await asyncio.to_thread(work, *arguments)


@asynccontextmanager
async def client(url: str, **options: Any) -> AsyncIterator[Program]:
    async with running_node("socketio.mjs", url, json.dumps(options), folder=NODE_PROJECT) as program:
        yield program


@asynccontextmanager
async def hub_on(folder: Path, *, tls: bool = False) -> AsyncIterator[tuple[Supervised, str, dict[str, Any]]]:
    """Three workers; what a client in Node must be told to trust them."""
    options: dict[str, Any] = {"server": {}, "channels": {"named": {CHANNEL: {"history_size": 5000}}}}
    trust: dict[str, Any] = {}
    if tls:
        made = await in_thread(make_certificate, folder)
        options["server"] = {"tls_certificate": str(made.certificate), "tls_key": str(made.key)}
        trust = {"ca": made.certificate.read_text()}
    with supervised(folder, workers=3, **options) as hub:
        yield hub, await in_thread(lambda: hub.url), trust


async def publish(url: str, trust: dict[str, Any], first: int, last: int) -> None:
    """Publish numbers, each on whatever worker."""
    ssl = not trust  # aiohttp: True is the default check, False none
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
        for number in range(first, last):
            await _publish(http, f"{url}/api/publish", number, ssl=ssl)


async def _publish(http: aiohttp.ClientSession, url: str, number: int, *, ssl: bool) -> None:
    body = {"channel": CHANNEL, "type": "tick", "data": number, "idempotency_key": f"tick-{number}"}
    async with asyncio.timeout(30):
        while True:
            try:
                async with http.post(url, json=body, ssl=ssl) as answer:
                    assert answer.status == 200
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)  # a worker has died; its successor, or another one, answers


def subscribed(program: Program) -> bool:
    return any(line.get("event") == "subscribe" for line in program.lines)


def ticks(program: Program) -> list[int]:
    return [line["args"][0] for line in program.lines if line.get("event") == "tick"]


async def everyone_has(programs: list[Program], count: int) -> None:
    for program in programs:
        await program.until(lambda each=program: len(ticks(each)) >= count, 40.0)  # type: ignore[misc]
        assert ticks(program) == list(range(count))


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_clients_that_poll(tmp_path: Path, node_path: Path, tls: bool) -> None:
    """Get everything, once and in order, whichever worker each of their requests reaches; and so do those that go over
    to a WebSocket, which may reach another worker than the polls before. Nobody has to connect twice."""
    async with AsyncExitStack() as stack:
        _, url, trust = await stack.enter_async_context(hub_on(tmp_path, tls=tls))
        programs = [
            await stack.enter_async_context(client(url, transports=WAYS[number % 2], channels=[CHANNEL], **trust))
            for number in range(6)
        ]
        for number, program in enumerate(programs):
            await program.until(lambda each=program: subscribed(each))  # type: ignore[misc]
            if number % 2:
                await program.some("upgrade")
        await publish(url, trust, 0, 40)
        await everyone_has(programs, 40)
        for program in programs:
            await program.order(emit=["unsubscribe", CHANNEL])
            assert (await program.some("answer"))[0]["status"] == "success"
            assert len(program.all("connect")) == 1
            assert program.all("disconnect") + program.all("refused") == []


async def test_a_worker_that_is_killed(tmp_path: Path, node_path: Path) -> None:
    """Takes its sessions with it: their clients connect anew, say where they stand, and end with the same sequence."""
    async with AsyncExitStack() as stack:
        hub, url, trust = await stack.enter_async_context(hub_on(tmp_path))
        programs = [
            await stack.enter_async_context(client(url, transports=WAYS[number % 2], recover=[CHANNEL]))
            for number in range(4)
        ]
        for program in programs:
            await program.until(lambda each=program: subscribed(each))  # type: ignore[misc]
        for number, pid in sorted(hub.workers().items()):
            await publish(url, trust, 100 * (number - 1), 100 * number)
            os.kill(pid, signal.SIGKILL)
        await publish(url, trust, 300, 400)
        await everyone_has(programs, 400)
        assert any(program.all("disconnect") for program in programs)


async def test_ids_of_nobody(tmp_path: Path) -> None:
    """An id that names no process, or one that is gone, is unknown, as any other that isn't there."""
    async with hub_on(tmp_path) as (_, url, _), aiohttp.ClientSession() as http:
        for sid in ("0" * 16 + "." + "a" * 20, "x", "../../etc", ".", "0" * 5000):
            query = {"EIO": "4", "transport": "polling", "sid": sid}
            async with http.get(f"{url}/socket.io/", params=query) as answer:
                assert (answer.status, (await answer.json())["code"]) == (400, 1)
