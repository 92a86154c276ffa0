"""The figures for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from benchmarks.agent_memory.quality import K, Quality
from benchmarks.agent_memory.scale import BUDGET_MS, FOUND, RECALL, Speed


def quality_table(rows: Sequence[Quality]) -> Table:
    """How well questions find what answers them."""
    table = _table("memories that are found", ("by", "questions", "count", f"recall@{K}", "MRR"))
    for row in rows:
        table.add_row(row.way, row.language, str(row.questions), f"{row.recall:.3f}", f"{row.mrr:.3f}")
    return table


def speed_table(rows: Sequence[Speed], dimensions: int) -> Table:
    """How fast vectors are found."""
    heads = ("search", "own vectors", "all vectors", "P50 ms", "P95 ms", f"recall@{FOUND}", "")
    table = _table(f"vectors of {dimensions} dimensions in PostgreSQL", heads)
    for row in rows:
        recall = f"{row.recall:.3f} ± {row.give:.3f}"
        verdict = "within" if row.within else "beyond"
        times = (f"{row.p50:.1f}", f"{row.p95:.1f}")
        table.add_row(
            row.way, f"{row.own:,}", f"{row.all:,}", *times, recall, f"{verdict} {BUDGET_MS:.0f} ms, {RECALL}"
        )
    return table


def _table(title: str, heads: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for at, head in enumerate(heads):
        table.add_column(head, justify="left" if at == 0 else "right")
    return table
