"""Have a hub train its documents, and watch it: each stage comes on `training` as it ends.

python examples/rag_trainer.py --url http://127.0.0.1:8080

The hub needs `rag_trainer.enabled`. The program needs aiohttp. A token, where the hub wants one, is an operator's, and
in $TOCSIN_TOKEN.
"""

from __future__ import annotations

import argparse
import asyncio
import os

import aiohttp


async def main(url: str) -> None:
    """Start a training and follow it to its end."""
    token = os.environ.get("TOCSIN_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    socket = url.replace("http", "ws", 1) + "/ws"
    async with aiohttp.ClientSession(headers=headers) as http, http.ws_connect(socket) as ws:
        async with http.post(f"{url}/train") as answer:
            job = await answer.json()
            if answer.status != 202:
                raise SystemExit(job["error"]["message"])
        async for message in ws:
            update = message.json()
            if update.get("job_id") == job["id"] and update["status"] != "started":
                print(f"{update['progress']:3} % {update['stage']}: {update['log']}", flush=True)
                if update["stage"] in ("complete", "error"):
                    return


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Have documents trained.")
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    asyncio.run(main(parser.parse_args().url.rstrip("/")))
