"""Publishing through Redis with history on: how many publishes a second one process gets through, beside
`redis-benchmark` with the same script on one connection."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median

from benchmarks.processes import Failed
from benchmarks.resilience.hubs import CHANNEL, Valkey, stopping
from benchmarks.stats import middle
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

HISTORY = 100
"""Publications that the channel keeps."""

WARM = 1000
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Publishing:
    """Publishes per second.

    Attributes:
        cpu: Tocsin's per CPU-second of its process.
        benchmark: redis-benchmark's; `None` where it isn't installed.
        ratio: Tocsin's rate to that, in the same turn.
    """

    publishes: int
    tocsin: float
    cpu: float
    benchmark: float | None
    ratio: float | None


async def _through_tocsin(valkey: Valkey, publishes: int, node: str) -> tuple[float, float]:
    backbone = Backbone(Redis((Address("127.0.0.1", valkey.port),)), Random(1))
    broker = RedisBroker(backbone, BrokerOptions(), SystemClock(), node)
    running = asyncio.create_task(backbone.run())
    options = ChannelOptions(history_size=HISTORY, history_age=300.0)
    draft = Draft(CHANNEL, "tick", b'{"text":"%b"}' % (b"x" * 160), "2026-11-21T10:15:00.000000Z")
    top = 0

    async def publish(times: int) -> None:
        nonlocal top
        for _ in range(times):
            published = await broker.publish(draft, options)
            if published.position is not None:
                top = max(top, published.position.offset)

    try:
        await publish(WARM)
        before = top
        begun, cpu = time.monotonic(), time.process_time()
        await asyncio.gather(*(publish(publishes // AT_ONCE) for _ in range(AT_ONCE)))
        spent, used = time.monotonic() - begun, time.process_time() - cpu
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    done = publishes // AT_ONCE * AT_ONCE
    if top - before != done:
        raise Failed(f"{done} publishes gave {top - before} positions")
    return done / spent, done / used


async def _execute(*command: str, input: bytes = b"") -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        said, _ = await process.communicate(input)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise Failed(f"{command[0]} failed: {said.decode(errors='replace').strip()[-200:]}")
    return said.decode()


async def _through_redis_benchmark(valkey: Valkey, publishes: int) -> float | None:
    """Call the script with the same arguments, but for key 3: each call is another publisher's first, since the
    program can't count. Writing a new key each time is a little dearer than writing the same; see the README."""
    program = shutil.which("redis-benchmark") or shutil.which("valkey-benchmark")
    client = shutil.which("redis-cli") or shutil.which("valkey-cli")
    if program is None or client is None:
        return None
    at = ("-p", str(valkey.port))
    digest = (await _execute(client, *at, "-x", "SCRIPT", "LOAD", input=PUBLISH.source)).strip()
    name = f"bare:{{{CHANNEL}}}"
    call = ["EVALSHA", digest, "4", f"{name}:meta", f"{name}:stream", f"{name}:node:__rand_int__", f"{name}:meta"]
    call += ["1", "0", "__rand_int__", "0123456789", str(HISTORY), "300000", "3900000", "600000", "0", "0"]
    call += [name, "PUBLISH", "x" * 230]
    options = ["-c", "1", "-P", str(PIPELINE), "-n", str(publishes), "-r", "1000000000", "-q"]
    said = await _execute(program, *at, *options, *call)
    rates = re.findall(r"([\d.]+) requests per second", said.replace("\r", "\n"))
    if not rates:
        raise Failed(f"{program} said no rate: {said.strip()[-200:]}")
    return float(rates[-1])


async def measure(publishes: int, folder: Path, say: Callable[[str], None]) -> Publishing:
    """Run both on one server, in turns; the medians of their rates and of the ratios within a turn count.

    Raises:
        Failed: one of them failed.
    """
    valkey = Valkey(folder)
    bare: list[float] = []
    rates: list[float] = []
    costs: list[float] = []
    with stopping(valkey):
        for number in range(ROUNDS):
            say(f"  round {number + 1} of {ROUNDS}")
            if (there := await _through_redis_benchmark(valkey, publishes)) is not None:
                bare.append(there)
            rate, cpu = await _through_tocsin(valkey, publishes, f"node-{number}")
            rates.append(rate)
            costs.append(cpu)
    ratios = [ours / theirs for ours, theirs in zip(rates, bare, strict=False)]
    return Publishing(publishes, median(rates), median(costs), middle(bare), middle(ratios))
