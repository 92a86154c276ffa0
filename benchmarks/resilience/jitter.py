"""Jitter: clients that are cut every 15 seconds for 2 seconds while messages flow, as AnyCable measures it.

What counts is the share of messages that every client got in the end, and how long a client that comes back waits for
what it missed. Meanwhile nothing is broken (`calm`), a worker is killed, or the broker is killed and starts again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.resilience.client import Client, losses
from benchmarks.resilience.hubs import CHANNEL, Hub, Publisher, stopping

FAULTS = ("calm", "worker killed", "broker killed")
SETTLE_SECONDS = 12.0


@dataclass(frozen=True, slots=True)
class Jitter:
    """What came of one run. Times in seconds.

    Attributes:
        expected: messages times clients.
        delivered: of these, those that came.
        wrong: messages that came twice or out of order.
        refused: recoveries that were refused, or gaps announced.
        replays: p50, p95 and p99 of the time from the beginning of a reconnect to the last missed message.
    """

    fault: str
    clients: int
    messages: int
    expected: int
    delivered: int
    wrong: int
    refused: int
    reconnects: int
    replays: tuple[float, float, float]

    @property
    def share(self) -> float:
        """Share of the expected that came, in percent."""
        return 100 * self.delivered / self.expected if self.expected else 0.0


def percentiles(values: list[float]) -> tuple[float, float, float]:
    """p50, p95 and p99; zeros of nothing."""
    if not values:
        return 0.0, 0.0, 0.0
    ordered = sorted(values)
    return tuple(ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.95, 0.99))  # type: ignore[return-value]


async def _flicker(client: Client, ends: float, random: Random) -> None:
    """Connected for about 15 s, away for about 2 s, until the end; then connected until all has come."""
    await asyncio.sleep(random.uniform(0, 3))
    while (left := ends - time.monotonic()) > 0:
        await client.stay(min(random.uniform(10, 20), left))
        if time.monotonic() < ends:
            await asyncio.sleep(random.uniform(1.5, 2.5))
    await client.stay(SETTLE_SECONDS)


def _fault(fault: str, hub: Hub) -> Callable[[], None]:
    if fault == "worker killed":
        return lambda: hub.kill(hub.members("hub.workers")[0])
    if fault == "broker killed":
        return lambda: hub.kill(hub.members("valkey-server")[0])
    return lambda: None


async def measure(fault: str, clients: int, seconds: float, rate: float, folder: Path) -> Jitter:
    """Run two workers on the embedded Valkey with one kind of fault in the middle."""
    random = Random(15)
    hub = Hub(folder, f"jitter-{fault.replace(' ', '-')}", workers=2)
    with stopping(hub):
        crowd = [Client(hub.port, CHANNEL, Random(n)) for n in range(clients)]
        publisher = Publisher(hub.port)
        ends = time.monotonic() + 4 + seconds
        coming = [asyncio.create_task(_flicker(client, ends, random)) for client in crowd]
        await asyncio.sleep(4)
        publishing = asyncio.create_task(publisher.run(rate, seconds))
        await asyncio.sleep(seconds / 2)
        _fault(fault, hub)()
        await asyncio.gather(publishing, *coming)
    counted = [losses(client, publisher.last) for client in crowd]
    expected = sum(publisher.last - (client.first or 0) for client in crowd)
    return Jitter(
        fault,
        clients,
        publisher.published,
        expected,
        expected - sum(missing for missing, _ in counted),
        sum(wrong for _, wrong in counted),
        sum(client.refused for client in crowd),
        sum(len(client.replays) for client in crowd),
        percentiles([replay for client in crowd for replay in client.replays]),
    )
