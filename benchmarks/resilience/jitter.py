"""Jitter: clients that are cut every 15 seconds for 2 seconds while messages flow, as AnyCable measures it.

What counts is the share of messages that every client got in the end, and how long a client that comes back waits for
what it missed. Meanwhile nothing is broken (`calm`), a worker is killed, or the broker is killed and starts again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from benchmarks.processes import Failed
from benchmarks.resilience.publisher import Publisher
from benchmarks.resilience.subscriber import Subscriber, losses

SETTLE_SECONDS = 20.0
"""Seconds that the last messages have to arrive, which is longer than any client is away."""

REPEAT_SECONDS = 1.0
"""Seconds after that in which something may come a second time."""

SPREAD_SECONDS = 3.0
"""Seconds over which the clients connect at first."""

CONNECT_SECONDS = 60.0
"""Seconds that all clients have for their first subscription."""

TELL_EVERY = 10.0
"""Seconds between two lines that say how far it is."""

AnySubscriber = TypeVar("AnySubscriber", bound=Subscriber)


@dataclass(frozen=True, slots=True)
class Jitter:
    """What came of one run. Times in seconds.

    Attributes:
        subject: which server, and what was done to it.
        expected: messages times clients: all clients were subscribed once before the first message.
        delivered: of these, those that came.
        wrong: messages that came twice or out of order.
        gaps: times that a client was told that something can't be recovered.
        drops: connections that clients lost without having cut them themselves: what the fault did.
        replays: p50, p95 and p99 of the time from the beginning of a reconnect to the last missed message.
        live: p50, p95 and p99 from publishing to arrival of what came to connected clients.
    """

    subject: str
    clients: int
    messages: int
    expected: int
    delivered: int
    wrong: int
    gaps: int
    drops: int
    reconnects: int
    replays: tuple[float, float, float]
    live: tuple[float, float, float]

    @property
    def share(self) -> float:
        """Share of the expected that came, in percent."""
        return 100 * self.delivered / self.expected if self.expected else 0.0

    @property
    def whole(self) -> bool:
        """Whether everybody got everything, once and in order."""
        return self.expected > 0 and self.delivered == self.expected and not self.wrong


def percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    """p50, p95 and p99; zeros of nothing."""
    ordered = sorted(values) or [0.0]

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    return at(0.5), at(0.95), at(0.99)


async def _flicker(client: Subscriber, over: asyncio.Event, random: Random) -> None:
    """Connected for about 15 s, away for about 2 s, until it is over; then connected."""
    await asyncio.sleep(random.uniform(0, SPREAD_SECONDS))
    while not over.is_set():
        await client.stay(random.uniform(10, 20))
        if not over.is_set():
            await asyncio.sleep(random.uniform(1.5, 2.5))
    await client.stay()


async def came(crowd: Sequence[Subscriber], condition: Callable[[Subscriber], bool], seconds: float) -> bool:
    """Wait until a condition holds for all; tell whether it does in time.

    Raises:
        Failed: the server refuses a client for good.
    """
    deadline = time.monotonic() + seconds
    while not all(map(condition, crowd)):
        for client in crowd:
            if client.complaint:
                raise Failed(f"the server refused a client: {client.complaint}")
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.1)
    return True


async def _tell(crowd: Sequence[Subscriber], publisher: Publisher, say: Callable[[str], None]) -> None:
    begun = time.monotonic()
    while True:
        await asyncio.sleep(TELL_EVERY)
        there = sum(client.subscribed > 0 for client in crowd)
        got = sum(len(client.numbers) for client in crowd)
        spent = time.monotonic() - begun
        say(f"  {spent:.0f} s: {there} of {len(crowd)} connected, {publisher.published} messages, {got} deliveries")


async def measure(
    subject: str,
    crowd: Sequence[AnySubscriber],
    publisher: Publisher,
    strike: Callable[[], None],
    rate: float,
    seconds: float,
    say: Callable[[str], None],
) -> Jitter:
    """Let a crowd come and go at a server that runs, while messages are published to it.

    Args:
        strike: what breaks something; called in the middle.
        rate: messages per second.
        seconds: for which they are published.

    Raises:
        Failed: the clients don't get a subscription at all, or publishing doesn't go on.
    """
    over = asyncio.Event()
    coming = [asyncio.create_task(_flicker(client, over, Random(n))) for n, client in enumerate(crowd)]
    telling = asyncio.create_task(_tell(crowd, publisher, say))
    publishing = None
    try:
        if not await came(crowd, lambda client: client.once, CONNECT_SECONDS):
            raise Failed(f"not all of {len(crowd)} clients could subscribe within {CONNECT_SECONDS:.0f} s")
        publishing = asyncio.create_task(publisher.run(rate, seconds))
        await asyncio.wait((publishing,), timeout=seconds / 2)
        strike()
        await publishing
        over.set()
        await came(crowd, lambda client: len(client.numbers) >= publisher.published, SETTLE_SECONDS)
        await asyncio.sleep(REPEAT_SECONDS)  # for what comes too often
    finally:
        tasks = [*coming, telling, *([] if publishing is None else [publishing])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return _count(subject, crowd, publisher.published)


def _count(subject: str, crowd: Sequence[Subscriber], published: int) -> Jitter:
    counted = [losses(client.numbers, published) for client in crowd]
    expected = published * len(crowd)
    return Jitter(
        subject=subject,
        clients=len(crowd),
        messages=published,
        expected=expected,
        delivered=expected - sum(missing for missing, _ in counted),
        wrong=sum(wrong for _, wrong in counted),
        gaps=sum(client.gaps for client in crowd),
        drops=sum(client.drops for client in crowd),
        reconnects=sum(len(client.replays) for client in crowd),
        replays=percentiles([replay for client in crowd for replay in client.replays]),
        live=percentiles([late for client in crowd for late in client.lateness]),
    )
