"""Crossing: from publishing in one worker to delivery at a client of another, through Valkey; beside a bare redis-py
publisher and subscriber on the same server in the same run. A second figure begins at a client of the first worker."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import orjson
import redis.asyncio as redis_py

from benchmarks.processes import Failed
from benchmarks.resilience.client import Client
from benchmarks.resilience.hubs import CHANNEL, Hub, Valkey, stopping
from benchmarks.resilience.jitter import percentiles
from benchmarks.resilience.link import Link
from benchmarks.resilience.publisher import tick
from benchmarks.resilience.subscriber import Subscriber
from hub.notify import Inbox
from hub.server import Server
from hub.settings import Source, load
from hub.wiring import build

PAUSE = 0.004
"""Seconds between two messages: none waits for the one before."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """p50, p95 and p99 in seconds.

    Attributes:
        workers: from `broadcast` in one worker to a client of the other.
        clients: from a client's publish at one worker to a client of the other.
        redis_py: from `publish` to `listen`.
    """

    messages: int
    workers: tuple[float, float, float]
    clients: tuple[float, float, float]
    redis_py: tuple[float, float, float]

    @property
    def ratio(self) -> float:
        """p50 between workers to redis-py's."""
        return self.workers[0] / self.redis_py[0]


class _Sender(Client):
    """A client that publishes over its connection, and subscribes to nothing."""

    def subscribe_command(self) -> dict[str, Any]:
        return {"action": "ping"}


def _tick(number: int) -> dict[str, Any]:
    return {"n": number, "at": time.time(), "text": "x" * 120}


async def _between_clients(valkey: Valkey, folder: Path, messages: int, listener: Client) -> None:
    here = Hub(folder, "crossing-here", redis=valkey.url)
    with stopping(here):
        sender = _Sender(here.port, CHANNEL, Random(2))
        _, link = await asyncio.get_running_loop().create_connection(lambda: Link(sender), "127.0.0.1", here.port)
        await asyncio.sleep(0.3)
        for number in range(messages):
            link.send({"action": "publish", "channel": CHANNEL, "type": "tick", "data": _tick(number)})
            await asyncio.sleep(PAUSE)
        await _all_came(listener, messages)
        link.abort()


async def _between_workers(valkey: Valkey, messages: int, listener: Client) -> None:
    settings = load(Source(None, {}), {"server.port": 0, "redis.url": valkey.url, "system_stats.interval": 0.0})
    server = Server(build(settings, inbox=Inbox()))
    await server.start()
    try:
        await asyncio.sleep(0.3)
        for number in range(messages):
            await server.hub.manager.broadcast(CHANNEL, {"type": "tick", "data": _tick(number)})
            await asyncio.sleep(PAUSE)
        await _all_came(listener, messages)
    finally:
        await server.stop()


async def _all_came(listener: Client, messages: int) -> None:
    async with asyncio.timeout(20):
        while len(listener.offsets) < messages:  # noqa: ASYNC110 - what comes over sockets sets no event
            await asyncio.sleep(0.01)


async def _lateness(valkey: Valkey, folder: Path, publish: Callable[[Client], Awaitable[None]]) -> list[float]:
    there = Hub(folder, "crossing-there", redis=valkey.url)
    with stopping(there):
        listener = Client(there.port, CHANNEL, Random(1))
        stay = asyncio.create_task(listener.stay(120))
        while not listener.is_subscribed:  # noqa: ASYNC110 - what comes over sockets sets no event
            await asyncio.sleep(0.01)
        await publish(listener)
        stay.cancel()
        await asyncio.gather(stay, return_exceptions=True)
        listener.leave()
    return listener.lateness


async def _through_redis_py(valkey: Valkey, messages: int) -> list[float]:
    subscriber = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.resilience.bare_subscriber", str(valkey.port), str(messages)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert subscriber.stdout is not None
    publisher = redis_py.Redis(port=valkey.port)
    try:
        async with asyncio.timeout(30 + messages * 10 * PAUSE):
            await subscriber.stdout.readline()
            for number in range(messages):
                await publisher.publish("bare", orjson.dumps(_tick(number)))
                await asyncio.sleep(PAUSE)
            lateness: list[float] = orjson.loads(await subscriber.stdout.readline())
    finally:
        await publisher.aclose()
        if subscriber.returncode is None:
            subscriber.kill()
        await subscriber.wait()
    return lateness


async def measure(messages: int, folder: Path) -> Crossing:
    """Run both, one after the other, twice: the machine's slow and fast moments hit both."""
    valkey = Valkey(folder)
    workers: list[float] = []
    clients: list[float] = []
    bare: list[float] = []
    with stopping(valkey):
        for _ in range(2):
            bare += await _through_redis_py(valkey, messages)
            workers += await _lateness(valkey, folder, lambda to: _between_workers(valkey, messages, to))
            clients += await _lateness(valkey, folder, lambda to: _between_clients(valkey, folder, messages, to))
    return Crossing(messages, percentiles(workers), percentiles(clients), percentiles(bare))
