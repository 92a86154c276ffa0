"""A bare redis-py subscriber: a script that `benchmarks.resilience.crossing` runs in a process of its own. Prints how
late each message was, in seconds, as one JSON array.

    python -m benchmarks.resilience.bare_subscriber PORT MESSAGES
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import orjson
import redis.asyncio as redis_py


async def listen(port: int, messages: int) -> list[float]:
    """Subscribe, say so on a line, and note how late the messages are."""
    lateness: list[float] = []
    client = redis_py.Redis(port=port)
    async with client.pubsub() as channel:
        await channel.subscribe("bare")
        async for message in channel.listen():
            if message["type"] == "subscribe":
                print("subscribed", flush=True)
                continue
            lateness.append(time.time() - orjson.loads(message["data"])["at"])
            if len(lateness) == messages:
                break
    await client.aclose()
    return lateness


if __name__ == "__main__":
    print(json.dumps(asyncio.run(listen(int(sys.argv[1]), int(sys.argv[2])))))
