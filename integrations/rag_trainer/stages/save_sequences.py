"""Stage 12: the works and their sequences go into the graph store."""

from __future__ import annotations

import sqlite3

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.ports import GraphStore
from integrations.rag_trainer.results import Markup, SavedSequences, Sequences
from integrations.rag_trainer.stage import StageFailed


class SaveSequences:
    """Puts a document's graph in place of the one that it had, as a whole.

    Args:
        graph: where to.
    """

    name = "save sequences"
    result = SavedSequences

    def __init__(self, graph: GraphStore) -> None:
        self._graph = graph

    def run(self, draft: Draft) -> SavedSequences:
        """Save it.

        Raises:
            StageFailed: the store can't be reached or written (`graph_unavailable`).
        """
        sequences = draft[Sequences]
        try:
            saved = self._graph.replace(draft.source.name, sequences, draft[Markup])
        except (OSError, sqlite3.Error) as error:
            raise StageFailed("graph_unavailable", f"the graph store {self._graph.name} failed: {error}") from error
        log = f"{saved} works and {len(sequences.sequences)} sequences saved ({self._graph.name})"
        return SavedSequences(log=log, saved=saved, stores=(self._graph.name,))
