"""Precision and recall, a confusion matrix, and how far a confidence can be believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Final

BINS: Final = (0.0, 0.5, 0.7, 0.9, 0.97, 1.01)
"""Where the bins of confidences begin, and the end of the last one."""


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of what was found and right, found in all, and there in all."""

    right: int = 0
    found: int = 0
    there: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.right + other.right, self.found + other.found, self.there + other.there)

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 if nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of what is there that was found; 1 if nothing is there."""
        return self.right / self.there if self.there else 1.0


def compared(found: Counter[str], golden: Counter[str]) -> Score:
    """Compare lines, each as often as it is there."""
    return Score((found & golden).total(), found.total(), golden.total())


@dataclass(frozen=True, slots=True)
class Judged:
    """A document's type, the one that was told, and how sure it was told."""

    label: str
    told: str
    confidence: float

    @property
    def right(self) -> bool:
        """Whether they are the same."""
        return self.label == self.told


@dataclass(frozen=True, slots=True)
class Bin:
    """Documents of about one confidence; `accuracy` is the share that is right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def accuracy(judged: Sequence[Judged]) -> float:
    """Share of documents whose type is right."""
    return fmean(one.right for one in judged)


def reliability(judged: Iterable[Judged]) -> list[Bin]:
    """Put documents into bins by their confidence; empty bins are left out."""
    given = list(judged)
    bins = []
    for low, high in pairwise(BINS):
        inside = [one for one in given if low <= one.confidence < high]
        if inside:
            mean = fmean(one.confidence for one in inside)
            bins.append(Bin(low, min(high, 1.0), len(inside), mean, accuracy(inside)))
    return bins


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: mean distance between confidence and accuracy of a bin, weighted by its documents.

    Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, equation 3.
    """
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.accuracy - one.confidence) for one in bins) / total
