"""What vector stores keep and give: points, hits, and the names that all stores accept.

Scores rise with likeness in every store and for every distance: the best hit has the highest score. For `cosine` it is
the cosine (-1 to 1), for `dot` the inner product, for `euclid` the distance with a minus before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

Distance = Literal["cosine", "dot", "euclid"]
PointId = int | str
"""A number from 0 to 2^63 - 1, or a UUID as text."""
Scalar = str | int | bool
Filter = Mapping[str, Scalar | Sequence[Scalar]]
"""What payloads must have: every field named, with that value or one of those. A payload's list has a value if it is
one of its elements."""

_COLLECTION: Final = re.compile(r"[A-Za-z0-9_-]{1,48}")
_FIELD: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LARGEST_ID: Final = 2**63 - 1


class UnknownCollection(LookupError):
    """There is no such collection."""

    def __init__(self, collection: str) -> None:
        super().__init__(f"there is no collection {collection}; create it first")
        self.collection = collection


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that can be found.

    Attributes:
        payload: JSON.
    """

    id: PointId
    vector: Sequence[float]
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found. Of two, the better one has the higher score."""

    id: PointId
    score: float
    payload: Mapping[str, Any]
    collection: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave, best first.

    Attributes:
        ef_search: candidates that the index was told to keep; `None` when no index was asked.
        exact_reason: why no index was asked; `None` when one was.
    """

    hits: tuple[Hit, ...]
    ef_search: int | None = None
    exact_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One search of one collection.

    Attributes:
        ef_search: candidates that the index is to keep; `None`: the store's default.
        exact: compare every vector, so that nothing is missed.
    """

    vector: Sequence[float]
    top_k: int
    filter: Filter | None = None
    ef_search: int | None = None
    exact: bool = False

    def __post_init__(self) -> None:
        if self.top_k < 1:
            raise ValueError(f"expected top_k of at least 1, got {self.top_k}")
        if self.ef_search is not None and self.ef_search < 1:
            raise ValueError(f"expected ef_search of at least 1, got {self.ef_search}")


def checked_collection(name: str) -> str:
    """Return a collection's name.

    Raises:
        ValueError: not every store could use it.
    """
    if not _COLLECTION.fullmatch(name):
        raise ValueError(f"expected a collection's name of up to 48 letters, digits, - and _; got {name[:60]!r}")
    return name


def checked_id(id: PointId) -> PointId:
    """Return a point's id as stores write it: UUIDs in small letters.

    Raises:
        ValueError: not every store could use it.
    """
    if isinstance(id, bool) or not isinstance(id, int | str):
        raise ValueError(f"expected a number or a UUID as a point's id, got {type(id).__name__}")
    if isinstance(id, int):
        if not 0 <= id <= _LARGEST_ID:
            raise ValueError(f"expected a point's id from 0 to 2^63 - 1, got {id}")
        return id
    try:
        return str(UUID(id))
    except ValueError:
        raise ValueError(f"expected a number or a UUID as a point's id, got {id[:60]!r}") from None


def wanted_values(filter: Filter) -> list[tuple[str, list[Scalar]]]:
    """Return each field of a filter with the values of which one must be there.

    Raises:
        ValueError: not every store could use it.
    """
    return [(_checked_field(name), _values(name, wanted)) for name, wanted in filter.items()]


def _checked_field(name: str) -> str:
    if not _FIELD.fullmatch(name):
        raise ValueError(f"expected a field's name of up to 64 letters, digits, - and _; got {name[:60]!r}")
    return name


def _values(name: str, wanted: Scalar | Sequence[Scalar]) -> list[Scalar]:
    values = list(wanted) if isinstance(wanted, Sequence) and not isinstance(wanted, str) else [wanted]
    if not values:
        raise ValueError(f"expected at least one value for {name}")
    for value in values:
        if not isinstance(value, str | int):
            raise ValueError(f"expected text, whole numbers or booleans for {name}, got {type(value).__name__}")
    return values
