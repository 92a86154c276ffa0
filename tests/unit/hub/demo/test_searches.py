"""The act of the vector search: this hub's documentation, indexed and searched."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hub.demo import searches
from hub.demo.searches import DOCUMENTS, batches, documents
from tests.postgres_server import database, postgres
from tests.unit.hub.demo.recorder import stage_in

__all__ = ["database", "postgres"]


def test_the_documents_are_docstrings_of_the_hub() -> None:
    """The same ones each time, and no more than so many."""
    found = list(documents())
    assert 0 < len(found) <= DOCUMENTS
    assert found == list(documents())
    names = dict(found)
    assert names["ports.Broker"].startswith("ports.Broker: Keeps each channel's stream")
    assert sum(map(len, batches(found))) == len(found)


async def test_searches_say_what_they_took(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stages and ends of real searches, with real hits; the notebook keeps the best ones."""
    monkeypatch.setattr(searches, "DOCUMENTS", 60)
    stage, recorder = stage_in(tmp_path, database)
    playing = asyncio.create_task(searches.play(stage))
    try:
        await recorder.all_of("vector_search", {"search_progress", "search_completed"})
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
    completed = recorder.data("search_completed")[0]
    assert completed["query"].startswith(searches.QUESTIONS[0][:20])
    assert stage.notebook.lines
