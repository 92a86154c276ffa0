"""The benchmark of queries: that it measures what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.agents import plans, queries
from benchmarks.agents.filling import Sizes
from benchmarks.agents.plans import BACKGROUND
from benchmarks.agents.queries import BUDGET_MS, HEAVY, USUAL, Timing
from tests.postgres_server import PostgresServer

SIZES = Sizes(users=3, sessions=2, messages=6, memories=3, long_messages=40, many_sessions=3, many_memories=6)


async def test_each_call_is_timed_and_explained(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of both users, and what the hub does in the background as well. A big table that is read whole is a failure: here
    all are called big, and small ones are read so."""
    monkeypatch.setattr(queries, "EXPLAINED", 1)
    monkeypatch.setattr(plans, "SETTLE_SECONDS", 0.001)
    dsn = postgres.create()
    filled, timings, statements = await queries.measured(dsn, SIZES, 1, big=0, texts=10)
    postgres.drop(dsn)
    assert filled.messages == 3 * 2 * 6 + 40 + 3 * 6
    calls = {timing.call for timing in timings if timing.user == USUAL}
    assert calls == {timing.call for timing in timings if timing.user == HEAVY}
    assert {f"{call} ({user})" for call in calls for user in (USUAL, HEAVY)} | {BACKGROUND} == {
        statement.call for statement in statements
    }
    assert all(timing.max_ms > 0 and timing.access for timing in timings)
    assert {statement.within for statement in statements} == {True, False}
    assert all(("Seq Scan" in "".join(statement.lines)) != statement.within for statement in statements)


def test_the_budget_is_for_the_95th_percentile() -> None:
    """100 ms, and not a bit more."""
    timing = Timing("a call", USUAL, 1, 1.0, BUDGET_MS - 0.1, 500.0, 500.0, 1.0)
    assert timing.within
    assert timing.verdict == "within 100 ms"
    slow = replace(timing, p95_ms=BUDGET_MS)
    assert not slow.within
    assert slow.verdict == "over the budget of 100 ms"
