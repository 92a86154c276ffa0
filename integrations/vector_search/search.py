"""Searches that say on `vector_search` how they go: text or vector in, hits out, over one collection or several."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import ParamSpec, TypeVar, cast

from integrations.vector_search.model import Filter, Found, Hit, Question
from integrations.vector_search.numbers import SearchNumbers
from integrations.vector_search.reporting import Report, Reporter
from integrations.vector_search.store import VectorStore
from integrations.vector_search.watching import watch

Embedder = Callable[[str], Sequence[float] | Awaitable[Sequence[float]]]
"""Turns text into a vector. A coroutine function is awaited; a plain function runs in a thread."""

Reranker = Callable[[str | Sequence[float], Sequence[Hit]], Sequence[Hit] | Awaitable[Sequence[Hit]]]
"""Puts hits into a better order, and may give them other scores. Run like an `Embedder`."""


P = ParamSpec("P")
R = TypeVar("R")


class ObservedSearch(AbstractAsyncContextManager["ObservedSearch"]):
    """Searches a store, and publishes each search's stages and end.

    What a caller gets is what the store, the embedder and the re-ranker give, be it a result or an exception: a hub
    that is slow, broken or away changes neither, nor does a mistake in the reporting.

    Use it on one event loop. Recall is measured, and vectors are counted, while `run` runs: as a task of the caller's,
    or with `async with`.
    """

    def __init__(
        self, store: VectorStore, reporter: Reporter, *, embed: Embedder | None = None, rerank: Reranker | None = None
    ) -> None:
        self.store = store
        self.reporter = reporter
        self._embed = None if embed is None else _awaited(embed)
        self._rerank = None if rerank is None else _awaited(rerank)
        self._task: asyncio.Task[None] | None = None

    async def search_vectors(
        self,
        collection: str | Sequence[str],
        query: str | Sequence[float],
        *,
        top_k: int = 10,
        filter: Filter | None = None,
        ef_search: int | None = None,
        exact: bool = False,
        candidates: int | None = None,
    ) -> Found:
        """Find what is nearest to a text or a vector, best first.

        Several collections are searched one after the other and their hits merged by score, which makes sense only if
        they were embedded and are compared in the same way.

        Args:
            ef_search: candidates that the index keeps; `None`: the store's default.
            exact: compare every vector.
            candidates: hits of each collection that the re-ranker gets; `None`: four times `top_k`. Without a
                re-ranker there are no more than `top_k`.

        Raises:
            TypeError: a text, and no embedder was given.
            UnknownCollection: there is no such collection.
            ValueError: no collection, or numbers below 1.
            Exception: whatever the store, the embedder or the re-ranker raises.
        """
        names = (collection,) if isinstance(collection, str) else tuple(collection)
        text = query if isinstance(query, str) else None
        stages = max(len(names) + (text is not None) + (self._rerank is not None), 1)
        report = self.reporter.begin(names, top_k, text, stages)
        try:
            if not names:
                raise ValueError("expected at least one collection")
            vector = query if not isinstance(query, str) else await self._embedded(query, report)
            depth = top_k if self._rerank is None else max(candidates or 4 * top_k, top_k)
            question = Question(vector, depth, filter, ef_search, exact)
            found = await self._searched(names[0], question, report)
            parts = [found]
            if len(names) > 1:
                parts += [await self._searched(name, question, report) for name in names[1:]]
                found = _merged(parts, depth)
            if self._rerank is not None:
                report.enter("reranking")
                found = Found(tuple(await self._rerank(query, found.hits))[:top_k], found.ef_search, found.exact_reason)
        except BaseException as error:
            report.fail(error)
            raise
        report.complete(parts, len(found.hits), depth=depth, filtered=bool(filter))
        return found

    async def run(self) -> None:
        """Measure recall, one search at a time, and count vectors, until cancelled."""
        await watch(self.reporter, self.store.count)

    def numbers(self) -> SearchNumbers:
        """Return all that is known of the searches so far."""
        return self.reporter.numbers()

    async def __aenter__(self) -> ObservedSearch:
        self._task = asyncio.create_task(self.run(), name="vector search")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self.reporter.flush()
            if not self._task.cancelled():
                self._task.result()
            self._task = None

    async def _embedded(self, text: str, report: Report) -> Sequence[float]:
        report.enter("embedding")
        if self._embed is None:
            raise TypeError("expected a vector, because no embedder was given; got text")
        return await self._embed(text)

    async def _searched(self, collection: str, question: Question, report: Report) -> Found:
        report.enter("searching", collection)
        found = await self.store.search(collection, question)
        report.sample(
            collection,
            found,
            question.top_k,
            filtered=bool(question.filter),
            prepare=lambda: (found.hits, partial(self.store.search_both_ways, collection, _kept(question))),
        )
        return found


def _kept(question: Question) -> Question:
    """A copy with a vector and a filter of its own: the caller may change his while the sample waits."""
    filter = None if question.filter is None else dict(question.filter)
    return replace(question, vector=tuple(question.vector), filter=filter)


def _merged(parts: Sequence[Found], top_k: int) -> Found:
    """The best of all parts; of equals those of the collection that was named first."""
    hits = sorted((hit for part in parts for hit in part.hits), key=lambda hit: hit.score, reverse=True)
    return Found(tuple(hits[:top_k]))


def _awaited(function: Callable[P, R | Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Make a function one to be awaited: what may block runs in a thread."""
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None)):  # noqa: B004
        return cast(Callable[P, Awaitable[R]], function)

    async def in_a_thread(*args: P.args, **kwargs: P.kwargs) -> R:
        result = await asyncio.to_thread(function, *args, **kwargs)
        return await result if inspect.isawaitable(result) else result

    return in_a_thread
