"""Stage 12."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from integrations.rag_trainer.graphs.embedded import EmbeddedGraphStore
from integrations.rag_trainer.results import Markup, Sequences
from integrations.rag_trainer.stage import StageFailed
from integrations.rag_trainer.stages.save_sequences import SaveSequences
from integrations.rag_trainer.stages.sequences import WorkSequences
from tests.rag_works import marked


class Away(EmbeddedGraphStore):
    """A store that can't be written."""

    def __init__(self, file: Path, error: Exception) -> None:
        super().__init__(file)
        self._error = error

    def replace(self, document: str, sequences: Sequences, markup: Markup) -> int:
        raise self._error


def test_it_is_in_the_store(tmp_path: Path) -> None:
    """Under the document's name; the log says how much, and where."""
    draft = marked("Монтаж ферм ведут после сноса стен.")
    draft.put(WorkSequences().run(draft))
    store = EmbeddedGraphStore(tmp_path / "graph.sqlite3")
    made = SaveSequences(store).run(draft)
    assert (made.saved, made.stores, made.log) == (2, ("embedded",), "2 works and 1 sequences saved (embedded)")
    assert store.sequences("ppr.md") == draft[Sequences]
    store.close()


@pytest.mark.parametrize(
    "error", [ConnectionError("away"), sqlite3.OperationalError("disk is full")], ids=["away", "full"]
)
def test_a_store_that_is_away_is_named(tmp_path: Path, error: Exception) -> None:
    """The file fails with the store's own reason."""
    draft = marked("Снос стен.")
    draft.put(Sequences(log="", sequences=()))
    store = Away(tmp_path / "graph.sqlite3", error)
    with pytest.raises(StageFailed, match=f"the graph store embedded failed: {error}") as caught:
        SaveSequences(store).run(draft)
    assert caught.value.reason == "graph_unavailable"
    store.close()
