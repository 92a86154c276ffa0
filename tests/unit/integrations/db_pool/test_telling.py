"""What a pool says on `db_pool_stats`."""

from __future__ import annotations

import dataclasses
from typing import Any

import orjson
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from channels.push import Push
from integrations.db_pool import PoolNumbers, PoolOptions
from integrations.db_pool.sizing import Decision
from integrations.db_pool.telling import Allowance, Telling, told_query
from tests.unit.integrations.db_pool.board import Board

NUMBERS = PoolNumbers(24, 18, 2, 0, 75.0, 412.5, 3.25, 18.5, 91_204, waiters=3, timeouts=2, leaks=1)
TWELVE = {
    "old_size": 20,
    "new_size": 24,
    "reason": "high_utilization",
    "pool_size": 24,
    "active_connections": 18,
    "idle_connections": 2,
    "overflow_connections": 0,
    "utilization": 75.0,
    "qps": 412.5,
    "avg_query_time": 3.25,
    "max_wait_time": 18.5,
    "total_queries": 91_204,
}


def telling(board: Board, **options: Any) -> Telling:
    return Telling(board.push, PoolOptions(name="orders", **options), "n-1")


def test_a_change_is_told_with_all_twelve_fields() -> None:
    """And what caused it, which change it was, and whose pool."""
    board = Board()
    telling(board).resized(20, Decision(24, "high_utilization", (85.0, 90.0)), NUMBERS, "r-1")
    [(type, data)] = board.posts
    assert type == "pool_resized"
    assert {name: data[name] for name in TWELVE} == TWELVE
    rest = {name: value for name, value in data.items() if name not in TWELVE}
    assert rest == {"samples": [85.0, 90.0], "resize_id": "r-1", "pool": "orders", "node": "n-1"}


def test_numbers_are_told_by_the_same_names() -> None:
    """With waiters, timeouts and all the rest."""
    board = Board()
    telling(board).stats(NUMBERS, 50)
    [data] = board.of("stats_update")
    assert data == {**dataclasses.asdict(NUMBERS), "maximum": 50, "window": 60.0, "pool": "orders", "node": "n-1"}


def test_messages_are_small() -> None:
    """Below 2 kB: a change with all it can say, and the numbers."""
    board = Board()
    telling(board).resized(20, Decision(24, "low_utilization", (85.0,) * 100), NUMBERS, "r-1")
    telling(board).stats(NUMBERS, 50)
    assert max(len(orjson.dumps(data)) for _, data in board.posts) < 2_000


def test_a_suspicion_is_told_with_the_borrowers_stack() -> None:
    """A task's name may be anything; what can't be shown is replaced."""
    board = Board()
    telling(board).leak(0.0, 61.23456, 3, ["orders/export.py:88 in export_all"], "nightly\n\u202eexport", 4711)
    [data] = board.of("pool_leak_suspected")
    assert data["held_seconds"] == 61.235
    assert data["task"] == "nightly??export"
    assert (data["backend_pid"], data["stack"]) == (4711, ["orders/export.py:88 in export_all"])


def test_notices_are_limited_and_the_rest_is_counted() -> None:
    """A query that is slow a thousand times a minute makes ten messages, and the next one says how many it stands
    for. Leaks have an allowance of their own."""
    board = Board()
    own = telling(board, notices_per_minute=10)
    for number in range(1000):
        own.slow(number * 0.01, "SELECT 1", 2.0, False)
    assert len(board.of("slow_query")) == 11, "ten at once, and one that became free within ten seconds"
    own.slow(100.0, "SELECT 1", 2.0, False)
    assert board.of("slow_query")[-1]["suppressed"] + board.of("slow_query")[-2]["suppressed"] == 1000 - 11
    own.leak(100.0, 61.0, 1, [], "", None)
    assert board.of("pool_leak_suspected")[0]["suppressed"] == 0


def test_an_allowance_of_none_tells_nothing() -> None:
    """All is counted."""
    allowance = Allowance(0)
    assert [allowance.take(float(now)) for now in range(3)] == [False] * 3
    assert allowance.told() == 3


@pytest.mark.parametrize(
    ("query", "most", "told"),
    [
        ("SELECT $1", 500, ("SELECT $1", False)),
        ("SELECT 'secret'", 500, ("SELECT '?'", False)),
        ("SELECT 'it''s secret', $2", 500, ("SELECT '?', $2", False)),
        ("SELECT 'secret without an end", 500, ("SELECT '?'", False)),
        ("SELECT $tag$ secret 'x' $tag$, 1", 500, ("SELECT '?', 1", False)),
        ("SELECT $$secret", 500, ("SELECT '?'", False)),
        ("SELECT 123456", 10, ("SELECT 123", True)),
        ("SELECT 1", 0, ("", True)),
        ("SELECT '" + "x" * 100_000 + "', secret", 20, ("SELECT '?'", True)),
        ("\ud800", 500, ("?", False)),
    ],
)
def test_a_query_is_cut_and_its_texts_are_masked(query: str, most: int, told: tuple[str, bool]) -> None:
    """Also a text whose end was cut off."""
    assert told_query(query, most) == told


@given(st.text(), st.integers(0, 50))
def test_any_query_can_be_told(query: str, most: int) -> None:
    """Whatever stands in it."""
    text, _ = told_query(query, most)
    assert len(text) <= most
    board = Board()
    telling(board, query_text=most).slow(0.0, query, 2.0, True)
    assert len(board.posts) == 1


def test_what_cannot_be_told_hurts_nobody() -> None:
    """It is counted and logged; the next message is told."""
    board = Board()
    own = telling(board)
    with structlog.testing.capture_logs() as logs:
        own.stats(dataclasses.replace(NUMBERS, utilization=140.0), 50)
    assert own.failures == 1
    assert [entry["event"] for entry in logs] == ["a pool's message could not be made"]
    own.stats(NUMBERS, 50)
    assert len(board.posts) == 1


def test_without_a_hub_nothing_is_told_and_nothing_fails() -> None:
    """The calls are counted."""
    push = Push()
    Telling(push, PoolOptions()).stats(NUMBERS, 50)
    assert push.outcomes["absent"] == 1
