"""Embeddings from an endpoint. The endpoint here is a double on a real socket: no model is behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import openai
import pytest
from aiohttp import web

from integrations.vector_search.openai_embedder import OpenAIEmbedder

KEY = "sk-swordfish"


class EndpointDouble:
    """Answers as an endpoint for embeddings does: with statuses in turn, and then with vectors.

    Attributes:
        statuses: of the next answers; 0 is one that never comes.
        requests: bodies that came.
        change: what is done to an answer before it goes out.
    """

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.requests: list[dict[str, Any]] = []
        self.keys: set[str | None] = set()
        self.change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = list
        self.url = ""

    async def embeddings(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.requests.append(body)
        self.keys.add(request.headers.get("Authorization"))
        status = self.statuses.pop(0) if self.statuses else 200
        if not status:
            await asyncio.sleep(30)
        if status != 200:
            return web.json_response({"error": {"message": "no"}}, status=status, headers={"retry-after-ms": "1"})
        data = [
            {"object": "embedding", "index": n, "embedding": [float(len(text)), 1.0, 0.5]}
            for n, text in enumerate(body["input"])
        ]
        answer = {"object": "list", "data": self.change(data), "model": body["model"]}
        return web.json_response({**answer, "usage": {"prompt_tokens": 1, "total_tokens": 1}})


@pytest.fixture
async def endpoint() -> AsyncIterator[EndpointDouble]:
    double = EndpointDouble()
    app = web.Application()
    app.router.add_post("/v1/embeddings", double.embeddings)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    double.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield double
    await runner.cleanup()


@pytest.fixture
async def client(endpoint: EndpointDouble) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=endpoint.url, api_key=KEY, max_retries=1, timeout=5) as client:
        yield client


async def test_texts_become_vectors(endpoint: EndpointDouble, client: openai.AsyncOpenAI) -> None:
    """One alone, or several with one request and in their order, whatever the order of the answer."""
    endpoint.change = lambda data: list(reversed(data))
    embed = OpenAIEmbedder(client, "a-model")
    assert await embed("four") == [4.0, 1.0, 0.5]
    assert await embed.embed(["a", "bcd", "ef"]) == [[1.0, 1.0, 0.5], [3.0, 1.0, 0.5], [2.0, 1.0, 0.5]]
    assert [request["input"] for request in endpoint.requests] == [["four"], ["a", "bcd", "ef"]]
    assert {request["model"] for request in endpoint.requests} == {"a-model"}
    assert "dimensions" not in endpoint.requests[0]
    assert endpoint.keys == {f"Bearer {KEY}"}


async def test_dimensions_are_asked_for_and_checked(endpoint: EndpointDouble, client: openai.AsyncOpenAI) -> None:
    """An endpoint that ignores them would fill a collection with vectors that don't fit."""
    assert len(await OpenAIEmbedder(client, "a-model", dimensions=3)("x")) == 3
    assert endpoint.requests[0]["dimensions"] == 3
    with pytest.raises(ValueError, match="expected vectors of 4 dimensions from the endpoint, got"):
        await OpenAIEmbedder(client, "a-model", dimensions=4)("x")


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, openai.RateLimitError), (500, openai.InternalServerError), (401, openai.AuthenticationError)],
)
async def test_an_endpoint_that_refuses_gives_no_vector(
    endpoint: EndpointDouble, client: openai.AsyncOpenAI, status: int, error: type[openai.OpenAIError]
) -> None:
    """None is made up: the client's exception comes out, without the key."""
    endpoint.statuses = [status, status]
    with pytest.raises(error) as caught:
        await OpenAIEmbedder(client, "a-model")("x")
    assert KEY not in str(caught.value)


async def test_the_client_tries_again(endpoint: EndpointDouble, client: openai.AsyncOpenAI) -> None:
    """As often as it was told to; the caller doesn't see it."""
    endpoint.statuses = [429]
    assert await OpenAIEmbedder(client, "a-model")("x") == [1.0, 1.0, 0.5]
    assert len(endpoint.requests) == 2


async def test_an_endpoint_that_hangs_is_given_up(endpoint: EndpointDouble, client: openai.AsyncOpenAI) -> None:
    """After the client's own time."""
    endpoint.statuses = [0]
    with pytest.raises(openai.APITimeoutError):
        await OpenAIEmbedder(client.with_options(timeout=0.05, max_retries=0), "a-model")("x")


async def test_an_endpoint_that_is_not_there(endpoint: EndpointDouble, client: openai.AsyncOpenAI) -> None:
    """The same."""
    away = client.with_options(base_url="http://127.0.0.1:1/v1", max_retries=0)
    with pytest.raises(openai.APIConnectionError):
        await OpenAIEmbedder(away, "a-model")("x")


def _shorter(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**data[0], "embedding": [1.0]}, *data[1:]]


@pytest.mark.parametrize(
    "change", [lambda data: data[:1], lambda data: [data[0]] * 2, _shorter], ids=["few", "twice", "short"]
)
async def test_an_answer_that_does_not_fit_is_refused(
    endpoint: EndpointDouble, client: openai.AsyncOpenAI, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
) -> None:
    """Too few vectors, one twice, or of different lengths: texts would get those of others."""
    endpoint.change = change
    with pytest.raises(ValueError, match="expected"):
        await OpenAIEmbedder(client, "a-model").embed(["a", "b"])
