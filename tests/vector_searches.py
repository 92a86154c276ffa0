"""Doubles and data for tests of vector searches."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Collection, Sequence
from typing import Any

from channels.messages import Message, parse_message
from channels.model import Channels
from channels.push import Push
from integrations.vector_search.model import Distance, Found, Hit, Point, PointId, Question
from integrations.vector_search.options import RecallOptions, SearchOptions
from integrations.vector_search.reporting import Reporter
from integrations.vector_search.store import Pair


class Heard:
    """A publisher that takes everything, and checks it against the messages' schemas."""

    def __init__(self) -> None:
        self._said: list[tuple[str, dict[str, Any]]] = []
        self.flush: Callable[[], None] = lambda: None

    def __call__(self, channel: str, type: str, data: Any) -> bool:
        assert channel == Channels.VECTOR_SEARCH
        parse_message(type, data)
        self._said.append((type, data))
        return True

    @property
    def said(self) -> list[tuple[str, dict[str, Any]]]:
        """What was said so far, and what waits to be."""
        self.flush()
        return self._said

    def of(self, message: type[Message]) -> list[dict[str, Any]]:
        """What was said in messages of one type."""
        return [data for type, data in self.said if type == message.type]


class Ticking:
    """A clock on which each reading is so many seconds after the one before."""

    def __init__(self, step: float = 0.001) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


class MemoryStore:
    """A `VectorStore` of dictionaries. Its index is a list of ids that it doesn't find: they are only there exactly.

    Attributes:
        overlooked: ids that a search with the index misses.
        asked: every question so far.
        error: raised by the next searches, when there is one.
    """

    def __init__(self) -> None:
        self.points: dict[str, dict[PointId, Point]] = {"docs": {}}
        self.overlooked: set[PointId] = set()
        self.asked: list[Question] = []
        self.error: BaseException | None = None

    async def create(self, collection: str, dimensions: int, distance: Distance = "cosine") -> None:
        self.points.setdefault(collection, {})

    async def drop(self, collection: str) -> None:
        self.points.pop(collection, None)

    async def upsert(self, collection: str, points: Sequence[Point]) -> None:
        self.points[collection].update({point.id: point for point in points})

    async def delete(self, collection: str, ids: Collection[PointId]) -> None:
        for id in ids:
            self.points[collection].pop(id, None)

    async def count(self, collection: str) -> int:
        return len(self.points[collection])

    async def search(self, collection: str, question: Question) -> Found:
        self.asked.append(question)
        if self.error is not None:
            raise self.error
        if question.exact:
            return Found(self._best(collection, question, set()), None, "an exact search was asked for")
        return Found(self._best(collection, question, self.overlooked), question.ef_search or 100)

    async def search_both_ways(self, collection: str, question: Question) -> Pair | None:
        if self.error is not None:
            raise self.error
        return Pair(self._best(collection, question, self.overlooked), self._best(collection, question, set()))

    def _best(self, collection: str, question: Question, without: set[PointId]) -> tuple[Hit, ...]:
        hits = [
            Hit(point.id, cosine(question.vector, point.vector), point.payload, collection)
            for point in self.points[collection].values()
            if point.id not in without
        ]
        return tuple(sorted(hits, key=lambda hit: hit.score, reverse=True)[: question.top_k])


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine of the angle between two vectors."""
    product = sum(a * b for a, b in zip(one, other, strict=True))
    return product / (math.hypot(*one) * math.hypot(*other))


def clustered(number: int, dimensions: int, clusters: int, seed: int = 4) -> list[list[float]]:
    """Vectors in clusters: what approximate indexes find hard."""
    rng = random.Random(seed)
    centres = [[rng.gauss(0, 1) for _ in range(dimensions)] for _ in range(clusters)]
    return [[value + rng.gauss(0, 0.3) for value in rng.choice(centres)] for _ in range(number)]


def always(**recall: Any) -> SearchOptions:
    """Options by which the recall of every search is measured."""
    return SearchOptions(recall=RecallOptions(**{"share": 1.0, "min_samples": 1, **recall}))


def reporting(options: SearchOptions | None = None, **parts: Any) -> tuple[Reporter, Heard]:
    """A reporter, and who hears it. Ids are q-1, q-2 and so on."""
    heard = Heard()
    numbers = iter(range(1, 1_000_000))
    given = {"ids": lambda: f"q-{next(numbers)}", **parts}
    reporter = Reporter(Push(heard), options, **given)
    heard.flush = reporter.flush
    return reporter, heard
