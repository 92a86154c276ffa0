"""The last ranking of memories that a search has found: a sum of parts, each of which says why.

| part | what |
|---|---|
| `fused` | how far in front words and meaning put it (`agents.memory.fusion`), from 0 to 1 |
| `overlap` | which part of the question's words it has |
| `question` | below 0 for one that only asks, and tells nothing (`agents.memory.episode`) |
| `importance` | what it counts, as the user says |
| `pinned` | the user pinned it |
| `recency` | how new it is: half of it after 30 days |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from agents.memory.episode import only_asks
from agents.memory.item import USUAL, Item
from agents.memory.terms import plain
from agents.models.words import Asked, words

HALF_LIFE: Final = 30 * 86_400.0
"""Seconds after which recency is half."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part counts, beside 1 for `fused`.

    Neighbouring ranks differ by about 0.01 in `fused`, so that is what pins, age and importance weigh against.
    `python -m benchmarks.agent_memory` measures them.
    """

    overlap: float = 0.10
    question: float = -0.30
    importance: float = 0.10
    pinned: float = 0.05
    recency: float = 0.02


WEIGHTS: Final = Weights()


class Ranking:
    """Ranks for one question.

    Args:
        now: the time that ages are measured from.
    """

    def __init__(self, query: str, now: datetime, weights: Weights = WEIGHTS) -> None:
        self._asked = Asked(plain(query))
        self._words = max(1, len(words(plain(query))))
        self._now = now
        self._weights = weights

    def parts(self, item: Item, fused: float) -> Mapping[str, float]:
        """Return what a memory's score is the sum of."""
        age = max(0.0, (self._now - item.updated_at).total_seconds())
        weights = self._weights
        return {
            "fused": fused,
            "overlap": weights.overlap * self._asked.fit(item.text) / self._words,
            "question": weights.question * only_asks(item.text),
            "importance": weights.importance * (item.importance - USUAL),
            "pinned": weights.pinned * item.pinned,
            "recency": weights.recency * 0.5 ** (age / HALF_LIFE),
        }
