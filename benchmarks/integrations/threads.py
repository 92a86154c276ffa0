"""A hundred threads that notify at once: what is lost, and whether each thread's order is kept.

The threads run in the hub's own process, and contend with its loop for the interpreter. A thread that is told "not
taken", because the bounded queue is full, waits a moment and says it again; the call itself never waits. Who receives
is a client in another process, and what is counted there is what counts.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from dataclasses import dataclass
from typing import Final

from hub.notify import INBOX, notify_channel
from hub.server import Server
from hub.settings import Source, load
from hub.wiring import build

NAME: Final = "threads"
HISTORY: Final = 20_000
"""Publications kept: what a subscriber that falls behind may still read."""
CHANNEL: Final = "db_pool_stats"
AGAIN_SECONDS: Final = 0.002
"""Pause of a thread whose notification was not taken."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of all notifications.

    Attributes:
        sent: notifications that the threads made.
        repeated: calls that were not taken, and made again.
        received, disordered, gaps: what the subscriber saw.
        seconds: from the first call to the last reception.
        call_us: median time of one call, in microseconds.
    """

    sent: int
    repeated: int
    received: int
    disordered: int
    gaps: int
    seconds: float
    call_us: float


class Business:
    """Threads that do nothing but notify."""

    def __init__(self, threads: int, each: int, size: int) -> None:
        self._each = each
        self._pad = "x" * size
        self._spent: list[int] = []
        self.repeated = 0
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(threads)]

    def run(self) -> None:
        """Begin all at once, and wait for the last one."""
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join()

    def _work(self, thread: int) -> None:
        spent, repeated = [], 0
        for number in range(self._each):
            data = {"thread": thread, "number": number, "pad": self._pad}
            while True:
                before = time.perf_counter_ns()
                taken = notify_channel(CHANNEL, "work", data)
                spent.append(time.perf_counter_ns() - before)
                if taken:
                    break
                repeated += 1
                time.sleep(AGAIN_SECONDS)
        with self._lock:
            self._spent += spent
            self.repeated += repeated

    @property
    def call_us(self) -> float:
        """Median time of a call, in microseconds."""
        return sorted(self._spent)[len(self._spent) // 2] / 1000


async def measure(threads: int = 100, each: int = 1_000, size: int = 20_000) -> Outcome:
    """Run the hub and the threads here, and the subscriber in a process of its own."""
    settings = load(Source(None, {}), {"server.port": 0, f"channels.named.{CHANNEL}": {"history_size": HISTORY}})
    server = Server(build(settings, inbox=INBOX))
    await server.start()
    try:
        command = (sys.executable, "-m", "benchmarks.integrations.follower", server.url, CHANNEL, str(threads * each))
        follower = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert follower.stdout is not None
        await follower.stdout.readline()
        business = Business(threads, each, size)
        begun = time.perf_counter()
        await asyncio.to_thread(business.run)
        async with asyncio.timeout(300):
            seen = json.loads(await follower.stdout.readline())
        seconds = time.perf_counter() - begun
        await follower.wait()
    finally:
        await server.stop(0.0)
    return Outcome(threads * each, business.repeated, **seen, seconds=seconds, call_us=business.call_us)


if __name__ == "__main__":
    print(asyncio.run(measure()))
