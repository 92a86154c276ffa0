"""The numbers of the RAG trainer."""

from __future__ import annotations

from pathlib import Path

from tests.unit.hub.http.api.calls import put_together


async def test_all_names_begin_alike(tmp_path: Path) -> None:
    """And none is there twice."""
    adapter = put_together(rag_trainer__enabled=True, rag_trainer__folder=str(tmp_path)).adapters.rag_trainer
    assert adapter is not None
    names = [metric.name for metric in adapter.collect()]
    assert len(names) == len(set(names))
    assert all(name.startswith("tocsin_training_") for name in names)
