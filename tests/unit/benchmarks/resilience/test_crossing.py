"""All three ways, with few messages."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from benchmarks.resilience import crossing
from benchmarks.resilience.crossing import Crossing

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="the benchmarks run on Linux only")


async def test_all_three_ways_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A way on which something is missing, or comes twice, fails instead."""
    monkeypatch.setattr(crossing, "WARM", 2)
    monkeypatch.setattr(crossing, "ROUNDS", 1)
    said: list[str] = []
    delays = await crossing.measure(10, tmp_path, said.append)
    for p50, p95, p99 in (delays.workers, delays.clients, delays.redis_py):
        assert 0 < p50 <= p95 <= p99 < crossing.PATIENCE
    assert said == ["  round 1 of 1: redis-py", "  round 1 of 1: between two workers"]


def test_the_ratio_is_of_the_medians() -> None:
    assert Crossing(1, (0.3, 9, 9), (9, 9, 9), (0.2, 1, 1)).ratio == pytest.approx(1.5)
