"""A language model that costs nothing: it answers at once, or piece by piece at a steady pace, and notes when.

It speaks OpenAI's chat completions, streamed. What it says is made of pieces of eight characters with their numbers, so
whoever reads them knows which they are.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

MODEL: Final = "double"
PIECE: Final = 8
"""Characters of a piece."""


@dataclass(slots=True)
class Asked:
    """A question, by the monotonic clock, in seconds.

    Attributes:
        began: when it came.
        ended: when the answer's last byte was given to the socket.
        sent: when each piece was.
    """

    began: float
    ended: float = 0.0
    sent: list[float] = field(default_factory=list)


class ModelDouble:
    """Serves while its context lasts.

    Attributes:
        url: for `base_url`.
        asked: by the last word of the question's last message, so that who asks can tell them apart.
        pieces: of an answer.
        pause: seconds between two of them.
    """

    def __init__(self, pieces: int, pause: float) -> None:
        self.url = ""
        self.asked: dict[str, Asked] = {}
        self.pieces = pieces
        self.pause = pause

    def options(self) -> dict[str, Any]:
        """Return the hub's options of this provider; it may answer as many at once as ask."""
        provider = {"base_url": self.url, "models": [MODEL], "concurrency": 1_000}
        return {"agents.providers": {"bench": provider}}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer."""
        asked = Asked(time.monotonic())
        body = await request.json()
        self.asked[body["messages"][-1]["content"].split()[-1]] = asked
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with suppress(ConnectionError):  # who asked may have been killed
            await self._say(response, asked)
        return response

    async def _say(self, response: web.StreamResponse, asked: Asked) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(self.pieces):
            if self.pause:
                await asyncio.sleep(began + number * self.pause - loop.time())
            asked.sent.append(time.monotonic())
            await response.write(_line(content=piece(number)))
        await response.write(_line("stop") + b"data: [DONE]\n\n")
        asked.ended = time.monotonic()


def piece(number: int) -> str:
    """Write a piece."""
    return f"w{number:0{PIECE - 2}d} "


def _line(finish: str | None = None, **delta: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": MODEL, "choices": [choice]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


@asynccontextmanager
async def model_double(pieces: int = 1, pause: float = 0.0) -> AsyncIterator[ModelDouble]:
    """Run one on a free port of loopback."""
    double = ModelDouble(pieces, pause)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", double.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        double.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        yield double
    finally:
        await runner.cleanup()
