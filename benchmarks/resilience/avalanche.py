"""Avalanche: the whole hub, its broker with it, is killed and started again under its clients. How long until they are
back, and what is lost of what was published meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.processes import Failed
from benchmarks.resilience.client import Client
from benchmarks.resilience.hubs import CHANNEL, Hub, stopping
from benchmarks.resilience.jitter import REPEAT_SECONDS, came
from benchmarks.resilience.publisher import HubPublisher
from benchmarks.resilience.subscriber import Subscriber, losses

PATIENCE = 120.0
"""Seconds that all clients have to connect, and to come back."""

SETTLE_SECONDS = 20.0
"""Seconds that the last messages have to arrive."""

RATE, SECONDS, BEFORE = 10.0, 15.0, 3.0
"""Messages per second, seconds of publishing, and of these the seconds before the kill."""


@dataclass(frozen=True, slots=True)
class Avalanche:
    """What came of it. Times in seconds.

    Attributes:
        down: from the kill until the hub listened again.
        most, all: from then until 95 % and 100 % of the clients were subscribed again.
        messages: published during it all.
        drops: connections that were lost.
        lost, wrong: messages that a client didn't get, or got twice or out of order; over all clients.
        gaps: times that a client was told that something can't be recovered.
    """

    clients: int
    down: float
    most: float
    all: float
    messages: int
    drops: int
    lost: int
    wrong: int
    gaps: int

    @property
    def whole(self) -> bool:
        """Whether everybody got everything, once and in order."""
        return self.messages > 0 and not self.lost and not self.wrong


async def back(crowd: Sequence[Subscriber], share: float, since: float) -> float:
    """Wait until a share of the crowd has subscribed after a moment; return the seconds from then.

    Raises:
        Failed: they didn't within `PATIENCE` seconds.
    """
    while (there := sum(client.subscribed > since for client in crowd)) < share * len(crowd):
        complaint = next((client.complaint for client in crowd if client.complaint), "")
        if complaint or time.monotonic() > since + PATIENCE:
            waited = time.monotonic() - since
            raise Failed(f"{there} of {len(crowd)} clients were connected after {waited:.0f} s {complaint}")
        await asyncio.sleep(0.01)
    return time.monotonic() - since


async def measure(clients: int, folder: Path, say: Callable[[str], None]) -> Avalanche:
    """Run two workers on the embedded Valkey, which keeps its data on disk, and kill them all.

    Raises:
        Failed: the hub, or the clients, didn't come back.
    """
    hub = Hub(folder, "avalanche", workers=2)
    with stopping(hub):
        crowd = [Client(hub.port, CHANNEL, Random(n)) for n in range(clients)]
        publisher = HubPublisher(hub.port, CHANNEL)
        tasks = [asyncio.create_task(client.stay()) for client in crowd]
        try:
            took = await back(crowd, 1.0, time.monotonic())
            say(f"  {clients} clients are connected after {took:.1f} s")
            tasks.append(publishing := asyncio.create_task(publisher.run(RATE, SECONDS)))
            down, most, everyone = await _fall(hub, crowd, say)
            await publishing
            await _settle(crowd, publisher.published)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    counted = [losses(client.numbers, publisher.published) for client in crowd]
    return Avalanche(
        clients=clients,
        down=down,
        most=most,
        all=everyone,
        messages=publisher.published,
        drops=sum(client.drops for client in crowd),
        lost=sum(missing for missing, _ in counted),
        wrong=sum(wrong for _, wrong in counted),
        gaps=sum(client.gaps for client in crowd),
    )


async def _fall(hub: Hub, crowd: Sequence[Subscriber], say: Callable[[str], None]) -> tuple[float, float, float]:
    await asyncio.sleep(BEFORE)
    killed = time.monotonic()
    await asyncio.to_thread(hub.restart)
    up = time.monotonic()
    say(f"  killed, and listening again after {up - killed:.1f} s")
    # Those that were quick enough to come back before the port was seen to be open count as well.
    most = await back(crowd, 0.95, killed) - (up - killed)
    return up - killed, max(0.0, most), max(0.0, await back(crowd, 1.0, killed) - (up - killed))


async def _settle(crowd: Sequence[Subscriber], published: int) -> None:
    await came(crowd, lambda client: len(client.numbers) >= published, SETTLE_SECONDS)
    await asyncio.sleep(REPEAT_SECONDS)  # for what comes too often
