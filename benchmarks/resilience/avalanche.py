"""Avalanche: the whole hub is killed and started again under its clients. How long until they are back, and what is
lost of what was published meanwhile."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.resilience.client import Client, losses
from benchmarks.resilience.hubs import CHANNEL, Hub, Publisher, stopping

PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Avalanche:
    """What came of it. Times in seconds.

    Attributes:
        down: from the kill until the hub listened again.
        most, all: from then until 95 % and 100 % of the clients were subscribed again.
        messages: published during it all.
        lost, wrong: messages that a client didn't get, or got twice or out of order; over all clients.
    """

    clients: int
    down: float
    most: float
    all: float
    messages: int
    lost: int
    wrong: int
    refused: int


async def _back(crowd: list[Client], share: float, since: float) -> float:
    while sum(client.subscribed > since for client in crowd) < share * len(crowd):
        if time.monotonic() > since + PATIENCE:
            return float("inf")
        await asyncio.sleep(0.01)
    return time.monotonic() - since


async def measure(clients: int, folder: Path) -> Avalanche:
    """Run two workers on the embedded Valkey, which keeps its data on disk, and kill them all."""
    hub = Hub(folder, "avalanche", workers=2)
    with stopping(hub):
        crowd = [Client(hub.port, CHANNEL, Random(n)) for n in range(clients)]
        stays = [asyncio.create_task(client.stay(10 * PATIENCE)) for client in crowd]
        if await _back(crowd, 1.0, time.monotonic() - 1) == float("inf"):
            raise TimeoutError(f"{clients} clients didn't connect within {PATIENCE:.0f} s")
        publisher = Publisher(hub.port)
        publishing = asyncio.create_task(publisher.run(10, 15))
        await asyncio.sleep(3)
        killed = time.monotonic()
        await asyncio.to_thread(hub.restart)
        up = time.monotonic()
        most = await _back(crowd, 0.95, up)
        everyone = await _back(crowd, 1.0, up)
        await publishing
        await asyncio.sleep(3)
        for stay in stays:
            stay.cancel()
        await asyncio.gather(*stays, return_exceptions=True)
        for client in crowd:
            client.leave()
    counted = [losses(client, publisher.last) for client in crowd]
    return Avalanche(
        clients,
        up - killed,
        most,
        everyone,
        publisher.published,
        sum(missing for missing, _ in counted),
        sum(wrong for _, wrong in counted),
        sum(client.refused for client in crowd),
    )
