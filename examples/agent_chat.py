"""Chat with an agent: prints the answer as it grows.

    TOCSIN_TOKEN=... python agent_chat.py http://127.0.0.1:8080 SESSION '@coder write a haiku'

The token is a user's, of `POST /auth/login` for one.
"""

import asyncio
import os
import sys

from tocsin_client import Chat, connect


async def main(url: str, session: str, text: str) -> None:
    async with (
        connect(url, token=os.environ["TOCSIN_TOKEN"]) as hub,
        hub.subscribe(f"session:{session}") as events,
    ):
        run = (await Chat(hub).send_message(session, text)).run
        async for event in events:
            if event.data["run_id"] != run.id:
                continue
            if event.type == "MESSAGE_DELTA":
                print(event.data["text"], end="", flush=True)
            if event.type in ("TASK_COMPLETED", "TASK_CANCELLED", "ERROR"):
                break
    print()


asyncio.run(main(*sys.argv[1:]))
