from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import current_thread

import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from agents.ports import EmbeddingFailed
from hub.adapters.agents import embedding
from hub.adapters.agents.embedding import ThreadedEmbedder, embedder_loader, missing_libraries
from hub.sections.agents_memory import EmbeddingSection


class Model:
    """Vectors of the lengths of texts; refuses empty ones."""

    model = "lengths"
    dimensions = 1
    closed = False

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []

    def embed(self, texts: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        self.calls.append((current_thread().name, list(texts)))
        if "" in texts:
            raise ValueError("an empty text")
        return np.array([[len(text)] for text in texts], np.float32)

    def close(self) -> None:
        self.closed = True


async def test_a_model_works_in_a_thread_one_text_at_a_time() -> None:
    """So a question waits for one text of a batch at most; vectors come in the order of their texts."""
    model = Model()
    embedder = ThreadedEmbedder(model, 1, ThreadPoolExecutor(1, "embedding"), at_once=1)
    assert await embedder.embed(["a", "bb", "ccc"]) == [[1.0], [2.0], [3.0]]
    assert [texts for _, texts in model.calls] == [["a"], ["bb"], ["ccc"]]
    assert all(thread.startswith("embedding") for thread, _ in model.calls)
    with pytest.raises(EmbeddingFailed, match="an empty text"):
        await embedder.embed(["a", ""])
    assert (embedder.model, embedder.dimensions, await embedder.embed([])) == ("lengths", 1, [])
    await embedder.close()
    assert model.closed


def test_without_the_extra_there_is_no_model_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """`auto` goes without one."""
    assert missing_libraries() == []
    assert embedder_loader(EmbeddingSection()) is not None
    assert embedder_loader(EmbeddingSection(provider="none")) is None
    monkeypatch.setattr(embedding, "LOCAL_NEEDS", ("numpy", "nothing_of_that_name"))
    assert embedder_loader(EmbeddingSection()) is None


async def test_a_model_that_is_not_installed_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """When somebody asked for it by name."""
    monkeypatch.setattr(embedding, "LOCAL_NEEDS", ("nothing_of_that_name",))
    load = embedder_loader(EmbeddingSection(provider="local"))
    assert load is not None
    with pytest.raises(EmbeddingFailed, match="extra `rag`"):
        await load()


async def test_a_model_that_is_not_known_is_no_crash() -> None:
    """The reason names those there are; an endpoint that can't be reached is told without its address."""
    load = embedder_loader(EmbeddingSection(provider="local", model="nonsense"))
    assert load is not None
    with pytest.raises(EmbeddingFailed, match="use-multilingual-3"):
        await load()
    load = embedder_loader(
        EmbeddingSection(provider="openai", model="m", base_url="http://127.0.0.1:9/v1", api_key=SecretStr("s3cret"))
    )
    assert load is not None
    with pytest.raises(EmbeddingFailed) as raised:
        await load()
    assert "127.0.0.1" not in str(raised.value)


async def test_an_endpoint_that_repeats_a_text() -> None:
    """The error, which the hub logs, has nothing of what a user wrote."""

    async def refuse(request: web.Request) -> web.Response:
        said = (await request.json())["input"][0]
        return web.json_response({"error": {"message": f"can't read {said}"}}, status=400)

    app = web.Application()
    app.router.add_post("/v1/embeddings", refuse)
    async with TestServer(app) as server:
        base_url = str(server.make_url("/v1"))
        load = embedder_loader(EmbeddingSection(provider="openai", model="m", base_url=base_url, dimensions=3))
        assert load is not None
        embedder = await load()
        with pytest.raises(EmbeddingFailed, match="the endpoint answered 400;") as raised:
            await embedder.embed(["dear diary"])
        assert "diary" not in str(raised.value)
        await embedder.close()
