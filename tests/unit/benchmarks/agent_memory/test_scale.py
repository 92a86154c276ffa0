from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.store.database import Database
from benchmarks.agent_memory import scale
from benchmarks.agent_memory.scale import Speed, clustered, measure
from tests.agents_kit import agents_dsn, agents_template, store
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres", "store"]


def test_vectors_are_of_length_one_and_the_same_each_time() -> None:
    """With neighbours: the nearest is much nearer than the mean."""
    rows = clustered(500, 32, seed=1)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.array_equal(rows, clustered(500, 32, seed=1))
    cosines = rows @ rows[0]
    assert np.sort(cosines)[-2] > cosines.mean() + 0.3


async def test_searches_are_timed_and_held_against_comparing_all(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is exact has a recall of 1; all agents are in one table."""
    monkeypatch.setattr(scale, "AT_LIMIT", 60)
    rows = await measure(store, 200, 16, 5)
    assert [row.own for row in rows] == [200, 200, 60, 10]
    assert {row.all for row in rows} == {270}
    assert [row.recall for row in rows if row.way != "HNSW index"] == [1.0] * 3
    assert rows[1].recall > 0.8
    assert all(0 < row.p50 <= row.p95 for row in rows)


def test_enough_is_found_when_it_surely_is() -> None:
    """Fast enough, and with all that other questions may give."""
    good = Speed("index", 1, 1, 9.0, 49.9, 0.96, 0.009)
    assert good.within
    assert not replace(good, p95=50.0).within
    assert not replace(good, give=0.011).within
