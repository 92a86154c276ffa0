"""Follow channels with tocsin-client: print each message as JSON, and say where some are missing.

python examples/client_follow.py http://127.0.0.1:8080 system_alerts ai_analysis

A token, where the hub wants one, is in $TOCSIN_TOKEN.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress

from tocsin_client import Gap, Message, connect
from tocsin_client.hub import Hub


async def follow(hub: Hub, channel: str) -> None:
    """Print what comes on one channel."""
    async for event in hub.subscribe(channel).events():
        match event:
            case Message():
                print(json.dumps({"channel": channel, "type": event.type, "data": event.data}), flush=True)
            case Gap():
                print(f"gap on {channel}", flush=True)


async def main() -> None:
    """Follow the channels of the command line."""
    url, *channels = sys.argv[1:]
    async with connect(url, token=os.environ.get("TOCSIN_TOKEN")) as hub, asyncio.TaskGroup() as group:
        for channel in channels:
            group.create_task(follow(hub, channel), name=channel)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
