"""The port to vector stores. What it promises is tested in tests/contract/test_vector_store.py."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from integrations.vector_search.pgvector import PgVectorStore
from integrations.vector_search.qdrant import QdrantStore
from integrations.vector_search.store import VectorStore
from tests.vector_searches import MemoryStore


def _methods(kind: type[Any]) -> dict[str, list[tuple[str, Any]]]:
    return {
        name: [(parameter.name, parameter.default) for parameter in inspect.signature(method).parameters.values()]
        for name, method in vars(kind).items()
        if inspect.iscoroutinefunction(method) and not name.startswith("_")
    }


@pytest.mark.parametrize("kind", [QdrantStore, PgVectorStore, MemoryStore])
def test_every_store_is_called_alike(kind: type[Any]) -> None:
    """The same methods, with the same names and defaults of what they take, and none that the port lacks."""
    assert _methods(kind) == _methods(VectorStore)
