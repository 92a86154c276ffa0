"""Follow alerts in a terminal, one line each; and raise one, to see how it looks.

python examples/alerts.py ws://127.0.0.1:8080/ws --raise backup_failed

It needs aiohttp. A hub that wants a token gets it from $TOCSIN_TOKEN. To miss nothing in a bad network, follow with
client_follow.py instead.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from typing import Any

import aiohttp

COLOURS = {"info": "\033[36m", "warning": "\033[33m", "critical": "\033[31m"}


def line(alert: dict[str, Any]) -> str:
    """Write an alert on one line."""
    where = " ".join(f"{name}={value}" for name, value in sorted(alert["labels"].items()))
    state = "RESOLVED" if alert["status"] == "resolved" else alert["severity"].upper()
    silent = " (silenced)" if alert.get("silenced") else ""
    colour = "\033[32m" if state == "RESOLVED" else COLOURS[alert["severity"]]
    return f"{colour}{state:9}\033[0m {alert['name']}: {alert['summary']}{silent}  {where}"


async def post(http: aiohttp.ClientSession, url: str, alert: dict[str, Any]) -> None:
    """Post an alert, as another system does."""
    async with http.post(url.replace("ws", "http", 1).removesuffix("/ws") + "/api/alerts", json=alert) as answer:
        answer.raise_for_status()


async def main(url: str, raised: str | None) -> None:
    """Follow until the hub goes away. What fires now is printed first: it is in the channel's history."""
    token = os.environ.get("TOCSIN_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession(headers=headers) as http, http.ws_connect(url) as ws:
        await ws.send_json({"action": "subscribe", "channel": "system_alerts", "since": {"offset": 0}})
        if raised:
            alert = {"name": raised, "severity": "critical", "summary": "This is an example"}
            await post(http, url, {**alert, "status": "firing"})
            await post(http, url, {**alert, "status": "resolved"})
        async for message in ws:
            publication = message.json()
            if publication["type"] == "alert":
                print(line(publication["data"]), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Follow alerts.")
    parser.add_argument("url", nargs="?", default="ws://127.0.0.1:8080/ws")
    parser.add_argument("--raise", dest="raised", metavar="NAME", help="raise an alert of this name, and resolve it")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.url, arguments.raised))
