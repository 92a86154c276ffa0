"""Stopping without a storm: connections are closed one after the other over the grace period, each told when to come
back."""

from __future__ import annotations

import asyncio
import random

from hub.closing import CloseCode
from hub.connections import Connections
from hub.fanout import Fanout

STEP = 0.05
"""Seconds between two groups of closes."""


async def drain(connections: Connections, fanout: Fanout, grace: float, choose: random.Random | None = None) -> None:
    """Close every connection with 1001, spread evenly over `grace` seconds, in random order.

    A client is asked to wait a random part of `grace` before it reconnects, so that those who were closed together
    don't come back together.
    """
    choose = choose or random.Random()  # noqa: S311 - spreads load; guards nothing
    waiting = list(connections)
    choose.shuffle(waiting)
    steps = max(1, int(grace / STEP))
    per_step = -(-len(waiting) // steps)
    while waiting:
        for connection in waiting[:per_step]:
            delay = int(1000 * choose.uniform(0, max(grace, 0.1)))
            reason = f"the hub is stopping; reconnect in {delay} ms"
            fanout.notify(connection, {"type": "reconnect", "delay_ms": delay, "reason": "the hub is stopping"})
            connection.close(CloseCode.GOING_AWAY, reason)
        del waiting[:per_step]
        if waiting:
            await asyncio.sleep(STEP)
