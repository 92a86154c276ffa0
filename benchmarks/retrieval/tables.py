"""The figures for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.table import Table

from benchmarks.retrieval.cost import Cost
from benchmarks.retrieval.measuring import NDCG_AT, RECALL_AT, Row
from benchmarks.retrieval.metrics import Interval
from benchmarks.retrieval.scale import STEPS, Latency

_RIGHT: Final = frozenset(("count", "chunks", "tokens"))


def quality_table(half: str, rows: Sequence[Row]) -> Table:
    """How well questions find what answers them, group by group."""
    heads = ("questions", "count", "system", f"recall@{RECALL_AT}", f"nDCG@{NDCG_AT}")
    table = _table(f"{half} questions; means with 95 % bootstrap intervals", heads)
    groups = [row.group for row in rows]
    for row in sorted(rows, key=lambda row: groups.index(row.group)):
        table.add_row(row.group, str(row.questions), row.system, _told(row.recall), _told(row.ndcg))
    return table


def ablation_table(half: str, means: Mapping[str, float]) -> Table:
    """What each sign of the re-ranking is worth."""
    table = _table(f"re-ranking without one of its signs, {half} questions", ("without", f"nDCG@{NDCG_AT}"))
    for name, mean in means.items():
        table.add_row("-" if name == "all" else name, f"{mean:.3f}")
    return table


def cost_table(costs: Sequence[Cost]) -> Table:
    """What embedding costs."""
    table = _table("embedding, one thread", ("text", "chunks", "tokens", "processor seconds for 1,000 chunks"))
    for one in costs:
        table.add_row(one.kind, str(one.chunks), f"{one.tokens:.0f}", f"{one.seconds:.1f}")
    return table


def latency_table(latencies: Sequence[Latency]) -> Table:
    """How long a search takes."""
    heads = ("chunks", "file MB", "first ms", *STEPS, "p95", "processor")
    table = _table("a search in the library alone, ms (medians); its vectors are random", heads)
    for one in latencies:
        steps = (f"{one.steps[step]:.0f}" for step in STEPS)
        table.add_row(
            f"{one.chunks:,}",
            f"{one.megabytes:.0f}",
            f"{one.first:.0f}",
            *steps,
            f"{one.slow:.0f}",
            f"{one.processor:.0f}",
        )
    return table


def _table(title: str, heads: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=None)
    for head in heads:
        table.add_column(head, justify="right" if head in _RIGHT else "left")
    return table


def _told(value: Interval) -> str:
    return f"{value.mean:.3f} ({value.low:.3f}-{value.high:.3f})"
