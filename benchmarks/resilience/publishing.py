"""Publishing through Redis with history on: how many publishes a second one process gets through, beside
`redis-benchmark` with the same script on one connection."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.resilience.hubs import Valkey, stopping
from channels.clock import SystemClock
from channels.model import Draft
from channels.policy import ChannelOptions
from channels.redis.backbone import Backbone
from channels.redis.broker import BrokerOptions, RedisBroker
from channels.redis.config import Address, Redis
from channels.redis.script import PUBLISH

AT_ONCE = 1000
"""Publishes under way at one time."""

PIPELINE = 100
"""Commands that redis-benchmark has under way."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """Publishes per second; `benchmark` is `None` where redis-benchmark isn't installed."""

    publishes: int
    tocsin: float
    cpu: float
    benchmark: float | None

    @property
    def ratio(self) -> float | None:
        """Tocsin's rate to redis-benchmark's."""
        return self.tocsin / self.benchmark if self.benchmark else None


async def _through_tocsin(valkey: Valkey, publishes: int) -> tuple[float, float]:
    backbone = Backbone(Redis((Address("127.0.0.1", valkey.port),)), Random(1))
    broker = RedisBroker(backbone, BrokerOptions(), SystemClock(), "bench")
    running = asyncio.create_task(backbone.run())
    options = ChannelOptions(history_size=100, history_age=300.0)
    draft = Draft("system_alerts", "tick", b'{"text":"%b"}' % (b"x" * 160), "2026-11-21T10:15:00.000000Z")

    async def publish(times: int) -> None:
        for _ in range(times):
            await broker.publish(draft, options)

    await publish(100)
    begun, cpu = time.monotonic(), time.process_time()
    await asyncio.gather(*(publish(publishes // AT_ONCE) for _ in range(AT_ONCE)))
    spent, used = time.monotonic() - begun, time.process_time() - cpu
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    done = publishes // AT_ONCE * AT_ONCE
    return done / spent, done / used


def _through_redis_benchmark(valkey: Valkey, publishes: int) -> float | None:
    program = shutil.which("redis-benchmark") or shutil.which("valkey-benchmark")
    if program is None:
        return None
    name = "p:{system_alerts}"
    load = subprocess.run(
        [program.replace("benchmark", "cli"), "-p", str(valkey.port), "-x", "SCRIPT", "LOAD"],
        input=PUBLISH.source,
        capture_output=True,
        check=True,
    )
    digest = load.stdout.decode().strip()
    call = ["EVALSHA", digest, "4", f"{name}:meta", f"{name}:stream", f"{name}:node:__rand_int__", f"{name}:meta"]
    call += ["1", "0", "__rand_int__", "0123456789", "100", "300000", "3900000", "600000", "0", "0", name, "PUBLISH"]
    call += ["x" * 230]
    command = [
        program,
        "-p",
        str(valkey.port),
        "-c",
        "1",
        "-P",
        str(PIPELINE),
        "-n",
        str(publishes),
        "-r",
        "1000000000",
    ]
    done = subprocess.run([*command, "-q", *call], capture_output=True, text=True, check=True)
    rates = re.findall(r"([\d.]+) requests per second", done.stdout.replace("\r", "\n"))
    return float(rates[-1]) if rates else None


async def measure(publishes: int, folder: Path) -> Publishing:
    """Run both on one server, one after the other."""
    valkey = Valkey(folder)
    with stopping(valkey):
        bare = await asyncio.to_thread(_through_redis_benchmark, valkey, publishes)
        rate, cpu = await _through_tocsin(valkey, publishes)
    return Publishing(publishes, rate, cpu, bare)
