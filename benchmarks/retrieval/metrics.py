"""Recall and nDCG of ranked passages, by their definitions, and how sure their means are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from benchmarks.retrieval.corpus import Label

_ROUNDS: Final = 2_000
_SEED: Final = 20_261_121


class Place(Protocol):
    """A passage, as far as it is judged: where it stands, in characters of its document."""

    @property
    def document(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % confidence interval."""

    mean: float
    low: float
    high: float


def covers(passage: Place, label: Label) -> bool:
    """Whether a passage has a clause: at least half of the clause lies in it, or at least half of it in the clause."""
    if passage.document != label.document:
        return False
    shared = min(passage.end, label.end) - max(passage.start, label.start)
    return 2 * shared >= min(label.end - label.start, passage.end - passage.start) and shared > 0


def recall(passages: Sequence[Place], labels: Sequence[Label], k: int) -> float:
    """Recall@k: of the clauses that answer (grade 2), the share that the first k passages have.

    Source: Manning, Raghavan, Schütze, Introduction to Information Retrieval (2008), section 8.3, with "relevant" read
    as grade 2.
    """
    answers = [label for label in labels if label.grade == 2]
    return sum(any(covers(passage, label) for passage in passages[:k]) for label in answers) / len(answers)


def ndcg(passages: Sequence[Place], labels: Sequence[Label], k: int) -> float:
    """nDCG@k = DCG / ideal DCG, where DCG is the sum over ranks i from 1 to k of (2^grade_i - 1) / log2(i + 1).

    Source: Järvelin and Kekäläinen, ACM TOIS 20(4), 2002, in the form of Burges et al., ICML 2005 (exponential gain).
    A clause counts once, where it is first had: further passages that overlap it count as grade 0. A passage that has
    two labelled clauses takes two ranks, so the value is at most 1 however long passages are.
    """
    ideal = _dcg(sorted((label.grade for label in labels), reverse=True)[:k])
    return _dcg(_grades(passages, labels)[:k]) / ideal


def _grades(passages: Sequence[Place], labels: Sequence[Label]) -> list[int]:
    left, grades = list(labels), []
    for passage in passages:
        new = [label for label in left if covers(passage, label)]
        left = [label for label in left if label not in new]
        grades += sorted((label.grade for label in new), reverse=True) or [0]
    return grades


def _dcg(grades: Sequence[int]) -> float:
    return float(sum((2**grade - 1) / np.log2(rank + 1) for rank, grade in enumerate(grades, start=1)))


def interval(values: Sequence[float]) -> Interval:
    """Take the mean of values of questions, and its percentile bootstrap interval of 95 % (Efron 1979; 2,000 rounds, of
    a fixed seed, so the same values give the same interval)."""
    given = np.asarray(values, np.float64)
    drawn = np.random.default_rng(_SEED).choice(given, (_ROUNDS, len(given))).mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Interval(float(given.mean()), float(low), float(high))
