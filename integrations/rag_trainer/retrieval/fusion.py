"""Reciprocal rank fusion: one ranking out of several whose scores can't be compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from integrations.rag_trainer.ports import Hit

K: Final = 60
"""As in the source. It was not tuned here."""


def fuse(rankings: Sequence[Sequence[str]], k: int = K) -> list[Hit]:
    """Rank ids by the sum of 1 / (k + rank) over the rankings that have them, ranks from 1; best first.

    Equal sums go by id, so the result doesn't depend on the order of the rankings. An id that stands twice in one
    ranking counts once, where it stands first.

    Source: Cormack, Clarke, Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning
    methods", SIGIR 2009.
    """
    sums: dict[str, float] = {}
    for ranking in rankings:
        for rank, id in enumerate(dict.fromkeys(ranking), start=1):
            sums[id] = sums.get(id, 0.0) + 1 / (k + rank)
    return [Hit(id, score) for id, score in sorted(sums.items(), key=lambda item: (-item[1], item[0]))]
