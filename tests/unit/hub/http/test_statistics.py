"""Counts of HTTP requests."""

from __future__ import annotations

import pytest

from hub.http.statistics import RequestStatistics


def test_before_the_first_request() -> None:
    """All is 0, the mean too."""
    statistics = RequestStatistics()
    assert (statistics.total, statistics.successful, statistics.failed) == (0, 0, 0)
    assert statistics.average_milliseconds == 0


def test_requests_are_counted_by_their_outcome() -> None:
    """From 400 on they failed; the mean is over all of them."""
    statistics = RequestStatistics()
    for status, seconds in (
        (101, 0.001),
        (200, 0.002),
        (304, 0.003),
        (399, 0.004),
        (400, 0.01),
        (404, 0.01),
        (500, 0.04),
    ):
        statistics.count(status, seconds)
    assert (statistics.total, statistics.successful, statistics.failed) == (7, 4, 3)
    assert statistics.average_milliseconds == pytest.approx(10.0)
