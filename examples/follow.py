"""Follow a channel over any number of connections: each publication once and in order, or a word that some are gone.

python examples/follow.py ws://127.0.0.1:8080/ws system_alerts
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import aiohttp


class Follower:
    """Calls `take` with each publication, and `gap` where some are missing."""

    def __init__(self, url: str, channel: str, take: Callable[[dict[str, Any]], None], gap: Callable[[], None]) -> None:
        self.url, self.channel, self.take, self.gap = url, channel, take, gap
        self.since: dict[str, Any] | None = None
        self.attempt = 0
        self.delay = 0.0

    async def run(self) -> int:
        """Follow until the hub forbids coming back; return the code that does."""
        async with aiohttp.ClientSession() as session:
            while True:
                self.delay = random.uniform(0, min(20.0, 0.5 * 2**self.attempt))  # noqa: S311 - spreads load
                self.attempt = min(self.attempt + 1, 6)
                with suppress(aiohttp.ClientConnectionError):
                    async with session.ws_connect(self.url, heartbeat=30, max_msg_size=0) as ws:
                        await self.listen(ws)
                    code = ws.close_code or 1006
                    if code not in (1001, 1005, 1006, 1011, 1012, 1013) and not 4000 <= code < 4500:
                        return code
                await asyncio.sleep(self.delay)

    async def listen(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        since = {"since": self.since} if self.since else {}
        await ws.send_json({"action": "subscribe", "channel": self.channel, **since})
        async for frame in ws:
            message = json.loads(frame.data) if frame.type is aiohttp.WSMsgType.TEXT else {}
            if message.get("type") == "gap" or message.get("recovered") is False:
                self.gap()
            if "channel" in message and "data" in message:  # a publication, whatever its type
                self.take(message)
            elif message.get("type") == "subscribe":
                self.attempt = 0
                if message.get("replayed"):
                    continue  # what follows has the positions; this one is already that of its end
            elif message.get("type") == "reconnect":
                self.delay = message["delay_ms"] / 1000
            elif "code" in message:  # an error, or the end of the subscription
                if message.get("temporary"):
                    return
                raise RuntimeError(message["message"])
            if "offset" in message:  # also of a position notice
                self.since = {"epoch": message["epoch"], "offset": message["offset"]}


def say(text: str) -> None:
    """Print at once, in a pipe too."""
    print(text, flush=True)


async def main() -> None:
    """Follow the channel of the command line."""
    url, channel = sys.argv[1:]
    follower = Follower(url, channel, lambda message: say(json.dumps(message)), lambda: say("gap"))
    say(f"closed for good ({await follower.run()})")


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
