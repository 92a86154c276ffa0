"""Counts HTTP requests."""

from __future__ import annotations

import pytest

from hub.http.statistics import RequestStatistics


def test_before_the_first_request() -> None:
    """Zeros; no division by them."""
    statistics = RequestStatistics()
    assert (statistics.total, statistics.successful, statistics.failed, statistics.average_milliseconds) == (0, 0, 0, 0)


def test_requests_fail_from_400_on() -> None:
    """Whoever's fault it was."""
    statistics = RequestStatistics()
    for status in (200, 204, 304, 399, 400, 404, 500):
        statistics.count(status, 0.01)
    assert (statistics.total, statistics.successful, statistics.failed) == (7, 4, 3)
    statistics.count(200, 0.09)
    assert statistics.average_milliseconds == pytest.approx(20)
