"""A subscriber in a process of its own: follows one channel with tocsin-client, and checks every thread's order.

It writes `ready` once it is subscribed, and at the end one JSON object: what came, what came out of order, and gaps.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import defaultdict

from tocsin_client import Gap, Message, connect


async def follow(url: str, channel: str, expected: int) -> dict[str, int]:
    """Receive until `expected` publications have come; `data` of each begins with its thread and its number."""
    following: dict[int, int] = defaultdict(int)
    received = disordered = gaps = 0
    async with connect(url) as hub, hub.subscribe(channel) as subscription:
        print("ready", flush=True)
        async for event in subscription.events():
            if isinstance(event, Gap):
                gaps += 1
            elif isinstance(event, Message):
                thread, number = event.data["thread"], event.data["number"]
                disordered += number != following[thread]
                following[thread] = number + 1
                received += 1
                if received == expected:
                    break
    return {"received": received, "disordered": disordered, "gaps": gaps}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(follow(sys.argv[1], sys.argv[2], int(sys.argv[3])))))
