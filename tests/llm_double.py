"""A double of a server of language models: a real socket that speaks OpenAI's chat completions as a script says.

    async with llm_double(refuses(429, retry_after=1), says("Hello", " there")) as double:
        double.url        # for base_url
        double.requests   # what was asked, and whether the asker went away

Each request takes the next step of the script; the last one stays for all further requests.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

MODEL = "double-1"
"""The one model that it serves."""

USAGE: Mapping[str, Any] = {
    "prompt_tokens": 11,
    "completion_tokens": 7,
    "total_tokens": 18,
    "prompt_tokens_details": {"cached_tokens": 5},
    "completion_tokens_details": {"reasoning_tokens": 3},
}
"""What it counts, where it is asked to."""


@dataclass
class Asked:
    """One request.

    Attributes:
        headers: names in lower case.
        left: set once the asker has gone away before the answer's end.
    """

    headers: dict[str, str]
    body: dict[str, Any]
    left: asyncio.Event = field(default_factory=asyncio.Event)


class Exchange:
    """A request that a step of the script answers."""

    def __init__(self, request: web.Request, asked: Asked) -> None:
        self.asked = asked
        self._request = request
        self.response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})

    async def send(self, data: str) -> None:
        """Send one event."""
        if not self.response.prepared:
            await self.response.prepare(self._request)
        await self.response.write(f"data: {data}\n\n".encode())

    async def chunk(self, delta: Mapping[str, Any], finish: str | None = None) -> None:
        """Send a chunk of the answer."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        await self.send(json.dumps(_chunk(choices=[choice])))

    async def pieces(self, pieces: tuple[str | asyncio.Event, ...]) -> None:
        """Send pieces of text; wait for events among them."""
        await self.chunk({"role": "assistant", "content": ""})
        for piece in pieces:
            if isinstance(piece, asyncio.Event):
                await piece.wait()
            else:
                await self.chunk({"content": piece})

    async def end(self, finish: str, usage: Mapping[str, Any] | None) -> None:
        """Send the end of the answer, and what it counted if that was asked for."""
        await self.chunk({}, finish)
        if usage is not None and self.asked.body.get("stream_options", {}).get("include_usage"):
            await self.send(json.dumps(_chunk(choices=[], usage=usage)))
        await self.send("[DONE]")

    def drop(self) -> None:
        """Cut the connection."""
        if self._request.transport is not None:
            self._request.transport.abort()


def _chunk(**fields: Any) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": f"{MODEL}-2026", **fields}


Step = Callable[[Exchange], Awaitable[web.StreamResponse]]


def says(
    *pieces: str | asyncio.Event, finish: str = "stop", usage: Mapping[str, Any] | None = USAGE, tail: bool = True
) -> Step:
    """Answer with these pieces, each a chunk; where an event stands among them, wait for it. A piece is a token here:
    after `max_tokens` of them, where the request has that, the answer ends as `length`.

    Args:
        usage: counted at the end if asked for; `None` as endpoints do that never count.
        tail: whether the answer's end comes; without it the stream just stops, as if that were all.
    """

    async def step(exchange: Exchange) -> web.StreamResponse:
        most = exchange.asked.body.get("max_tokens")
        await exchange.pieces(pieces[:most])
        if tail:
            await exchange.end(finish if most is None or len(pieces) <= most else "length", usage)
        return exchange.response

    return step


def refuses(status: int, message: str = "no", headers: Mapping[str, str] | None = None, **error: Any) -> Step:
    """Refuse as OpenAI does; `error` has further fields of its error, such as `code` and `param`."""

    async def step(exchange: Exchange) -> web.StreamResponse:
        return web.json_response({"error": {"message": message, **error}}, status=status, headers=headers)

    return step


def lacks(parameter: str, then: Step, message: str = "Unrecognized request argument supplied: {}") -> Step:
    """Refuse every request that has `parameter`; answer the others as `then` says."""
    refusal = refuses(400, message.format(parameter), type="invalid_request_error", param=parameter)

    async def step(exchange: Exchange) -> web.StreamResponse:
        return await (refusal if parameter in exchange.asked.body else then)(exchange)

    return step


def cuts(*pieces: str | asyncio.Event) -> Step:
    """Send these pieces, then cut the connection."""

    async def step(exchange: Exchange) -> web.StreamResponse:
        await exchange.pieces(pieces)
        exchange.drop()
        return exchange.response

    return step


def hangs(*pieces: str | asyncio.Event) -> Step:
    """Send these pieces, then nothing any more; without pieces not even headers."""

    async def step(exchange: Exchange) -> web.StreamResponse:
        if pieces:
            await exchange.pieces(pieces)
        await asyncio.Event().wait()
        return exchange.response

    return step


def sends(*events: str | Mapping[str, Any], content_type: str = "text/event-stream") -> Step:
    """Send these events as they are, whatever they are: broken JSON, errors, chunks of any shape. Then end."""

    async def step(exchange: Exchange) -> web.StreamResponse:
        exchange.response.content_type = content_type
        for event in events:
            await exchange.send(event if isinstance(event, str) else json.dumps(event))
        if not events:
            return web.Response(text="<html>It works!</html>", content_type=content_type)
        return exchange.response

    return step


def calls(*deltas: Mapping[str, Any] | Sequence[Mapping[str, Any]], text: str = "") -> Step:
    """Ask for tool calls: each delta is one piece of `tool_calls`, or a list of them."""

    async def step(exchange: Exchange) -> web.StreamResponse:
        await exchange.pieces((text,) if text else ())
        for delta in deltas:
            await exchange.chunk({"tool_calls": [delta] if isinstance(delta, Mapping) else delta})
        await exchange.end("tool_calls", USAGE)
        return exchange.response

    return step


class LlmDouble:
    """Serves while its context lasts.

    Attributes:
        url: for `base_url`; `/v1` is its end.
        requests: in the order in which they came.
    """

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.url = ""
        self.requests: list[Asked] = []
        self._steps = list(steps or [says("Hello", " there")])
        self._news = asyncio.Condition()

    async def asked(self, count: int = 1) -> Asked:
        """Wait until `count` requests have come; return that one."""
        async with self._news, asyncio.timeout(20):
            await self._news.wait_for(lambda: len(self.requests) >= count)
        return self.requests[count - 1]

    def then(self, *steps: Step) -> None:
        """Go on with another script."""
        self._steps[:] = steps

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer as the script says."""
        asked = Asked({name.lower(): value for name, value in request.headers.items()}, await request.json())
        async with self._news:
            self.requests.append(asked)
            self._news.notify_all()
        step = self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]
        try:
            return await step(Exchange(request, asked))
        except (asyncio.CancelledError, ConnectionError):
            asked.left.set()
            raise


@asynccontextmanager
async def llm_double(*steps: Step) -> AsyncIterator[LlmDouble]:
    """Run a double on a free port of loopback; without steps it says hello."""
    double = LlmDouble(steps)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", double.answer)
    # A handler is cancelled when its asker goes away: that is how `left` is known.
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        double.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        yield double
    finally:
        await runner.cleanup()
