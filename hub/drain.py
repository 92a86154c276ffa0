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


RETURN = 1.0
"""Seconds over which few clients are asked to come back: another process, or the next one, is there soon."""


async def drain(connections: Connections, fanout: Fanout, grace: float, choose: random.Random | None = None) -> None:
    """Close every connection with 1001, in random order, spread over `grace` seconds or less.

    A client is asked to wait a random time before it reconnects, up to what closing them all takes and at least up to
    `RETURN`, so that those who were closed together don't come back together.
    """
    choose = choose or random.Random()  # noqa: S311 - spreads load; guards nothing
    waiting = list(connections)
    choose.shuffle(waiting)
    steps = max(1, int(grace / STEP))
    per_step = -(-len(waiting) // steps)
    spread = min(grace, max(RETURN, STEP * len(waiting) / max(per_step, 1)))
    while waiting:
        for connection in waiting[:per_step]:
            delay = int(1000 * choose.uniform(0, max(spread, 0.1)))
            reason = f"the hub is stopping; reconnect in {delay} ms"
            fanout.notify(connection, {"type": "reconnect", "delay_ms": delay, "reason": "the hub is stopping"})
            connection.close(CloseCode.GOING_AWAY, reason)
        del waiting[:per_step]
        if waiting:
            await asyncio.sleep(STEP)
