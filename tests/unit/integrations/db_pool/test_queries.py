"""Counting and timing queries."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from asyncpg.connection import LoggedQuery

from integrations.db_pool import PoolOptions
from integrations.db_pool.queries import Queries
from integrations.db_pool.telling import Telling
from tests.kit import ManualClock
from tests.unit.integrations.db_pool.board import Board


def watching(board: Board, clock: ManualClock, **options: Any) -> Queries:
    own = PoolOptions(**options)
    return Queries(own, Telling(board.push, own), clock)


def record(query: str = "SELECT 1", elapsed: float = 0.01, error: BaseException | None = None) -> LoggedQuery:
    return LoggedQuery(query, ("a parameter",), None, elapsed, error, "/run", cast(Any, "password"))


def test_queries_are_counted_and_timed() -> None:
    """The rate and the mean are over the window, the total since the start."""
    clock = ManualClock()
    queries = watching(Board(), clock)
    clock.advance(10)
    for _ in range(100):
        queries(record(elapsed=0.02))
    assert queries.total == 100
    assert queries.times.rate(clock.monotonic()) == pytest.approx(10.0)
    assert queries.times.mean(clock.monotonic()) == pytest.approx(0.02)
    clock.advance(120)
    assert queries.total == 100
    assert queries.times.rate(clock.monotonic()) == 0.0


def test_seconds_are_told_to_who_wants_them() -> None:
    """Of each query, those that failed included."""
    queries = watching(Board(), ManualClock())
    seconds: list[float] = []
    queries.took = seconds.append
    queries(record(elapsed=0.5))
    queries(record(elapsed=0.25, error=ValueError()))
    assert seconds == [0.5, 0.25]


def test_failures_are_counted_and_cancellations_are_none() -> None:
    """Who cancels a query has had no error."""
    queries = watching(Board(), ManualClock())
    queries(record(error=ValueError()))
    queries(record(error=asyncio.CancelledError()))
    assert (queries.total, queries.failed) == (2, 1)


def test_a_slow_query_is_told_without_parameters() -> None:
    """Nor what the connection was made with."""
    board = Board()
    queries = watching(board, ManualClock(), slow_query=1.0)
    queries(record("SELECT pg_sleep($1)", 1.5, ValueError()))
    queries(record("SELECT 1", 1.0))
    [data] = board.of("slow_query")
    assert (data["duration"], data["limit"], data["query"], data["failed"]) == (1500, 1000, "SELECT pg_sleep($1)", True)
    assert queries.slow == 1
    assert "parameter" not in str(data)
    assert "password" not in str(data)


def test_without_a_bound_no_query_is_slow() -> None:
    """0 switches it off."""
    board = Board()
    queries = watching(board, ManualClock(), slow_query=0)
    queries(record(elapsed=1e6))
    assert (queries.slow, board.posts) == (0, [])


def test_cleaning_is_nobodys_query() -> None:
    """What asyncpg does to a connection that comes back is not the application's load."""
    queries = watching(Board(), ManualClock())
    queries(record("SELECT pg_advisory_unlock_all();\nCLOSE ALL;\nUNLISTEN *;\nRESET ALL;"))
    assert queries.total == 0
