"""What one `notify_channel` costs its caller: a script that `benchmarks.bench` runs in a process of its own.

The caller is a thread without an event loop; the hub's loop runs in another thread of the same process and takes the
notifications as a hub does, but hands them to an engine that does nothing: this is the price of handing over, not of
delivery. It prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, cast

from benchmarks.stats import middle
from channels.engine import Engine
from hub.notify import INBOX, notify_channel

BURSTS, CALLS = 40, 500
SINGLES = 500
PAUSE_SECONDS = 0.05
SINGLE_PAUSE_SECONDS = 0.004
"""Longer than the hub's loop goes on looking, so that every single call has to wake it."""


class _Nowhere:
    """An engine that takes every publication and does nothing with it."""

    async def publish(self, draft: object) -> None:
        """Forget the publication."""


def timed_calls(number: int) -> list[int]:
    """Call `number` times, and give the nanoseconds that each call took.

    Raises:
        RuntimeError: a notification was refused, so what was timed is not the whole work.
    """
    spent = []
    for sequence in range(number):
        data: dict[str, Any] = {"seq": sequence, "pad": "x" * 100}
        before = time.perf_counter_ns()
        taken = notify_channel("ai_analysis", "bench", data)
        spent.append(time.perf_counter_ns() - before)
        if not taken:
            raise RuntimeError("a notification was refused")
    return spent


def _bursts() -> list[int]:
    spent = []
    for _ in range(BURSTS):
        spent += timed_calls(CALLS)
        time.sleep(PAUSE_SECONDS)
    return spent


def _singles() -> list[int]:
    spent = []
    for _ in range(SINGLES):
        spent += timed_calls(1)
        time.sleep(SINGLE_PAUSE_SECONDS)
    return spent


def _call() -> tuple[list[int], list[int]]:
    return _bursts(), _singles()


def summary(name: str, spent: list[int]) -> dict[str, float]:
    """Median and 99th percentile in microseconds, of times in nanoseconds."""
    ordered = sorted(spent)
    return {
        f"{name}_us": (middle(ordered) or 0.0) / 1000,
        f"{name}_p99_us": ordered[int(len(ordered) * 0.99)] / 1000,
    }


async def measure() -> dict[str, float]:
    """Run the hub's side here and the caller in a thread."""
    INBOX.attach()
    consumer = asyncio.create_task(INBOX.run(cast(Engine, _Nowhere())))
    try:
        burst, single = await asyncio.to_thread(_call)
    finally:
        consumer.cancel()
        await asyncio.gather(consumer, return_exceptions=True)
        INBOX.detach()
    return {"calls": len(burst) + len(single), **summary("burst", burst), **summary("single", single)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure())))
