from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import pytest

from agents.memory.measures import Measures
from agents.memory.vectors import Vectors
from agents.ports import Embedder, EmbeddingFailed, IndexUnavailable, Tenant, VectorHit, VectorIndex
from tests.memory_kit import WordEmbedder

TENANT = Tenant(UUID(int=1), UUID(int=2))


class Index:
    """An index that is away at first, and answers with one hit then."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails
        self.closed = 0

    async def prepare(self) -> None:
        if self.fails:
            self.fails -= 1
            raise IndexUnavailable("away")

    async def search(
        self, tenant: Tenant, vector: Sequence[float], limit: int, among: Sequence[UUID] | None = None
    ) -> list[VectorHit]:
        return [VectorHit(UUID(int=3), 1.0)]

    async def close(self) -> None:
        self.closed += 1


def make(index: Index, loads: list[Any], patience: float = 5.0) -> tuple[Vectors, Measures]:
    """Vectors whose model is the next of `loads`; an exception is raised."""
    measures = Measures()

    async def load() -> Embedder:
        found = loads.pop(0)
        if isinstance(found, Exception):
            raise found
        return cast(Embedder, found)

    return Vectors(load, lambda _: cast(VectorIndex, index), measures, patience), measures


async def test_nothing_is_found_before_both_are_there() -> None:
    """No search loads a model; it says that it had none."""
    vectors, measures = make(Index(), [WordEmbedder()])
    assert await vectors.nearest(TENANT, "x", 5) == []
    await vectors.pair()
    assert len(await vectors.nearest(TENANT, "x", 5)) == 1
    assert measures.searches == {"not_ready": 1, "ok": 1}
    assert sum(measures.search_seconds.counts) == 1


async def test_what_failed_is_tried_again_and_loaded_once() -> None:
    """A model that can't be had, then an index that is away: the model isn't loaded again for it."""
    index = Index(fails=1)
    vectors, _ = make(index, [EmbeddingFailed("no"), WordEmbedder()])
    with pytest.raises(EmbeddingFailed):
        await vectors.pair()
    with pytest.raises(IndexUnavailable):
        await vectors.pair()
    assert index.closed == 1
    one, other = await asyncio.gather(vectors.pair(), vectors.pair())
    assert one is other
    await vectors.close()
    assert index.closed == 2
    assert await vectors.nearest(TENANT, "x", 5) == []


async def test_a_search_is_given_up_after_its_patience() -> None:
    """And counted; so is a model that fails."""

    class Slow(WordEmbedder):
        async def embed(self, texts: Sequence[str]) -> list[list[float]]:
            if self.failing:
                raise EmbeddingFailed(self.failing)
            await asyncio.Event().wait()
            raise AssertionError

    model = Slow()
    vectors, measures = make(Index(), [model], patience=0.01)
    await vectors.pair()
    assert await vectors.nearest(TENANT, "x", 5) == []
    model.failing = "no"
    assert await vectors.nearest(TENANT, "x", 5) == []
    assert measures.searches == {"late": 1, "no_embedding": 1}
