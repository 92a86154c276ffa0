from __future__ import annotations

import io

from rich.console import Console
from rich.table import Table

from benchmarks.retrieval.cost import Cost
from benchmarks.retrieval.measuring import Row
from benchmarks.retrieval.metrics import Interval
from benchmarks.retrieval.scale import STEPS, Latency
from benchmarks.retrieval.tables import ablation_table, cost_table, latency_table, quality_table


def _told(table: Table) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=120).print(table)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def test_quality_stands_group_by_group() -> None:
    """Systems beside each other, with their intervals."""
    exact = Interval(0.5, 0.25, 0.75)
    rows = [Row(system, group, 7, exact, exact) for system in ("BM25", "dense") for group in ("all", "ru")]
    lines = _told(quality_table("tuning", rows))
    assert lines[0].startswith("tuning questions")
    assert [line.split()[:3] for line in lines[2:]] == [
        ["all", "7", "BM25"],
        ["all", "7", "dense"],
        ["ru", "7", "BM25"],
        ["ru", "7", "dense"],
    ]
    assert "0.500 (0.250-0.750)" in lines[2]


def test_cost_and_latency() -> None:
    """In whole milliseconds, and tenths of seconds."""
    assert _told(cost_table([Cost("ru, long", 78, 195.4, 27.04)]))[2] == "ru, long 78 195 27.0"
    one = Latency(30_000, 180.4, 40, 123.4, dict.fromkeys(STEPS, 5.2), 9.6, 4.4)
    assert _told(latency_table([one]))[2] == "30,000 180 123 5 5 5 5 5 5 10 4"


def test_what_signs_are_worth() -> None:
    """All of them first."""
    assert _told(ablation_table("tuning", {"all": 0.9, "dense": 0.7512}))[-2:] == ["- 0.900", "dense 0.751"]
