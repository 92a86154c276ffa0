"""Scores by their definitions."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.recognition.scores import Judged, Score, accuracy, calibration_error, compared, reliability


def test_precision_and_recall_are_shares() -> None:
    """Of what was found, and of what is there; a line counts as often as it is there."""
    score = compared(Counter(["a", "a", "b"]), Counter(["a", "c", "c", "b"]))
    assert score == Score(right=2, found=3, there=4)
    assert score.precision == pytest.approx(2 / 3)
    assert score.recall == 0.5
    assert Score() + score == score
    assert (Score().precision, Score().recall) == (1.0, 1.0)


def test_bins_compare_confidence_and_accuracy() -> None:
    """By hand: 0.6 of which half is right, and 0.99 of which all is."""
    judged = [Judged("a", "a", 0.6), Judged("a", "b", 0.6), Judged("b", "b", 0.99), Judged("b", "b", 0.99)]
    bins = reliability(judged)
    assert [(one.low, one.count, one.accuracy) for one in bins] == [(0.5, 2, 0.5), (0.97, 2, 1.0)]
    assert calibration_error(bins) == pytest.approx((0.1 + 0.01) / 2)
    assert accuracy(judged) == 0.75
