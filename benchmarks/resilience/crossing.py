"""Crossing: from publishing in one worker to delivery at a client of another, through Valkey; beside a bare redis-py
publisher and subscriber on the same server in the same run. A second figure begins at a client of the first worker."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import orjson
import redis.asyncio as redis_py

from benchmarks.processes import Failed
from benchmarks.resilience.client import Client
from benchmarks.resilience.hubs import CHANNEL, Hub, Valkey, stopping
from benchmarks.resilience.jitter import percentiles
from benchmarks.resilience.link import Link
from benchmarks.resilience.publisher import tick
from hub.notify import Inbox
from hub.server import Server
from hub.settings import Source, load
from hub.wiring import build

PAUSE = 0.004
"""Seconds between two messages: none waits for the one before."""

WARM = 50
"""Messages before those that count, of everybody."""

ROUNDS = 2
PATIENCE = 20.0


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


class Speaker(Client):
    """A client that publishes over its connection, and subscribes to nothing."""

    def opened(self, link: Link) -> None:
        """Be connected."""
        self._answered()

    def publish(self, number: int) -> None:
        """Publish a message."""
        assert self._link is not None
        command = {"action": "publish", "channel": self._channel, "type": "tick", "data": tick(number)}
        self._link.send(orjson.dumps(command))


async def until_subscribed(client: Client) -> None:
    """Wait for its subscription.

    Raises:
        Failed: it has none after `PATIENCE` seconds.
    """
    await _until(lambda: client.subscribed > 0, f"no subscription {client.complaint}")


async def _until(condition: Callable[[], bool], complaint: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 - what comes over sockets sets no event
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise Failed(f"{complaint} after {PATIENCE:.0f} s") from None


async def _between_clients(valkey: Valkey, folder: Path, total: int, listener: Client) -> None:
    here = Hub(folder, "crossing-here", redis=valkey.url)
    with stopping(here):
        speaker = Speaker(here.port, CHANNEL, Random(2))
        stay = asyncio.create_task(speaker.stay())
        try:
            await until_subscribed(speaker)
            for number in range(total):
                speaker.publish(number)
                await asyncio.sleep(PAUSE)
            await _all_came(listener, total)
        finally:
            stay.cancel()
            await asyncio.gather(stay, return_exceptions=True)


async def _between_workers(valkey: Valkey, total: int, listener: Client) -> None:
    options = {
        "server.port": 0,
        "redis.url": valkey.url,
        "system_stats.interval": 0.0,
        "alerts.interval": 0.0,
        "log.level": "warning",
    }
    server = Server(build(load(Source(None, {}), options), inbox=Inbox()))
    await server.start()
    try:
        for number in range(total):
            await server.hub.manager.broadcast(CHANNEL, {"type": "tick", "data": tick(number)})
            await asyncio.sleep(PAUSE)
        await _all_came(listener, total)
    finally:
        await server.stop()


async def _all_came(listener: Client, total: int) -> None:
    await _until(lambda: len(listener.numbers) >= total, f"not all of {total} messages came")


async def _lateness(
    valkey: Valkey, folder: Path, total: int, publish: Callable[[Client], Awaitable[None]]
) -> list[float]:
    there = Hub(folder, "crossing-there", redis=valkey.url)
    with stopping(there):
        listener = Client(there.port, CHANNEL, Random(1))
        stay = asyncio.create_task(listener.stay())
        try:
            await until_subscribed(listener)
            await publish(listener)
        finally:
            stay.cancel()
            await asyncio.gather(stay, return_exceptions=True)
    if listener.numbers != list(range(total)):
        raise Failed(f"{total} messages were published, and something else came")
    return listener.lateness[WARM:]


async def _through_redis_py(valkey: Valkey, total: int) -> list[float]:
    subscriber = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.resilience.bare_subscriber", str(valkey.port), str(total)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        limit=1 << 26,
    )
    assert subscriber.stdout is not None
    publisher = redis_py.Redis(port=valkey.port)
    try:
        async with asyncio.timeout(PATIENCE + total * 10 * PAUSE):
            if not await subscriber.stdout.readline():
                raise Failed("the redis-py subscriber ended at once")
            for number in range(total):
                await publisher.publish("bare", orjson.dumps(tick(number)))
                await asyncio.sleep(PAUSE)
            lateness: list[float] = orjson.loads(await subscriber.stdout.readline())
    except TimeoutError:
        raise Failed("not all messages came through redis-py") from None
    finally:
        await publisher.aclose()
        if subscriber.returncode is None:
            subscriber.kill()
        await subscriber.wait()
    return lateness[WARM:]


async def measure(messages: int, folder: Path, say: Callable[[str], None]) -> Crossing:
    """Run all three, one after the other, twice: the machine's slow and fast moments hit all.

    Raises:
        Failed: something didn't come.
    """
    valkey, total = Valkey(folder), messages + WARM
    workers: list[float] = []
    clients: list[float] = []
    bare: list[float] = []
    with stopping(valkey):
        for number in range(ROUNDS):
            say(f"  round {number + 1} of {ROUNDS}: redis-py")
            bare += await _through_redis_py(valkey, total)
            say(f"  round {number + 1} of {ROUNDS}: between two workers")
            workers += await _lateness(valkey, folder, total, lambda to: _between_workers(valkey, total, to))
            clients += await _lateness(valkey, folder, total, lambda to: _between_clients(valkey, folder, total, to))
    return Crossing(messages, percentiles(workers), percentiles(clients), percentiles(bare))
