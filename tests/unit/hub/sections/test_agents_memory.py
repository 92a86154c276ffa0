"""The options of memory, embeddings and vectors."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from hub.sections.agents_memory import EmbeddingSection, MemorySection, VectorsSection


def test_the_defaults() -> None:
    """Nothing needs a key or a server; 10,000 memories, a warning at 80 %, a fifth goes."""
    assert (EmbeddingSection().provider, VectorsSection().store) == ("auto", "pgvector")
    memory = MemorySection()
    assert (memory.limit, memory.warning, memory.pruned) == (10_000, 0.8, 0.2)


@pytest.mark.parametrize(
    ("section", "wrong"),
    [
        (EmbeddingSection, {"provider": "openai"}),
        (EmbeddingSection, {"provider": "openai", "model": "m"}),
        (EmbeddingSection, {"base_url": "ftp://x"}),
        (VectorsSection, {"store": "qdrant"}),
        (VectorsSection, {"qdrant_prefix": "a b"}),
        (MemorySection, {"limit": 9}),
        (MemorySection, {"pruned": 0}),
        (MemorySection, {"warning": 1.1}),
    ],
)
def test_what_is_refused(section: type[Any], wrong: dict[str, Any]) -> None:
    """What can't work is said when the hub starts."""
    with pytest.raises(ValidationError):
        section(**wrong)


def test_keys_are_not_shown() -> None:
    """They end up in logs."""
    shown = f"{EmbeddingSection(api_key=SecretStr('s3cret'))!r} {VectorsSection(qdrant_api_key=SecretStr('s3cret'))!r}"
    assert "s3cret" not in shown
