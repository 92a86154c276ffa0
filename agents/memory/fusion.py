"""Reciprocal rank fusion: one ranking out of several whose scores can't be compared.

Source: G. Cormack, C. Clarke, S. Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning
methods", SIGIR 2009. Beyond it, what a ranking gives to an item may be weighed: a memory that shares one common word
with the question is found by that word, but is hardly meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

K: Final = 60
"""As in the source."""


def fuse(rankings: Sequence[Sequence[tuple[UUID, float]]]) -> dict[UUID, float]:
    """Return, for each id, the sum of weight / (K + rank) over the rankings that have it, as a part of the most
    possible (1: it is first in all, with full weight).

    Args:
        rankings: ids with their weights, from 0 to 1; ranks count from 1, and an id stands in a ranking once.
    """
    most = len(rankings) / (K + 1)
    sums: dict[UUID, float] = {}
    for ranking in rankings:
        for rank, (id, weight) in enumerate(ranking, start=1):
            sums[id] = sums.get(id, 0.0) + weight / (K + rank) / most
    return sums
