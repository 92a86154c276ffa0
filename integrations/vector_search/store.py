"""The seam to a vector store. One contract suite (tests/contract/test_vector_store.py) runs on each implementation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from integrations.vector_search.model import Distance, Found, Hit, Point, PointId, Question


@dataclass(frozen=True, slots=True)
class Pair:
    """What the index and a comparison with every vector found in the same data."""

    approximate: tuple[Hit, ...]
    exact: tuple[Hit, ...]


class VectorStore(Protocol):
    """Collections of vectors with payloads.

    All methods raise `UnknownCollection` for a collection that isn't there, and `ValueError` for names, ids
    and filters that can't be used; what the server or the network raises passes through, also for a vector that doesn't
    fit. A failed search raises: it
    never gives an empty result.
    """

    async def create(self, collection: str, dimensions: int, distance: Distance = "cosine") -> None:
        """Make a collection; one that is there already stays as it is."""

    async def drop(self, collection: str) -> None:
        """Remove a collection with all its points. Dropping what isn't there is nothing."""

    async def upsert(self, collection: str, points: Sequence[Point]) -> None:
        """Put points in; one with the same id is replaced. They can be found when this returns."""

    async def delete(self, collection: str, ids: Collection[PointId]) -> None:
        """Take points out. Deleting what isn't there is nothing."""

    async def count(self, collection: str) -> int:
        """Count the points."""

    async def search(self, collection: str, question: Question) -> Found:
        """Find the points nearest to a vector, best first, the best with the highest score."""

    async def search_both_ways(self, collection: str, question: Question) -> Pair | None:
        """Search with the index and exactly, in the same data; `None` when the data changed meanwhile, or the store
        has no index to ask. For measuring: takes several times as long as a search."""
