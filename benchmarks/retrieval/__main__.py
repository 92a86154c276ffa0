"""Entry point: `python -m benchmarks.retrieval`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.retrieval.corpus import Half, papers, questions
from benchmarks.retrieval.measuring import NDCG_AT, RECALL_AT, Row, measure
from benchmarks.retrieval.memory_index import MemoryIndex
from benchmarks.retrieval.metrics import Interval
from integrations.rag_trainer.embedding.factory import make_embedder
from integrations.rag_trainer.options import EmbeddingOptions
from integrations.rag_trainer.retrieval.searcher import Searcher


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table for each half that was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.retrieval",
        description="Measures how well labelled questions find their clauses. Needs the extra `rag`.",
    )
    parser.add_argument("--half", choices=("held-out", "tuning", "both"), default="held-out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write all figures")
    options = parser.parse_args(arguments)
    halves: tuple[Half, ...] = ("tuning", "held-out") if options.half == "both" else (options.half,)
    known = papers()
    embedder = make_embedder(EmbeddingOptions())
    index = MemoryIndex(known, embedder)
    searcher = Searcher(index, index, embedder, time.perf_counter)
    found = {half: measure(searcher, questions(half, known)) for half in halves}
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    console.print(f"{len(known)} documents, {index.count()} clauses, one a chunk; model {embedder.model}")
    for half, rows in found.items():
        console.print(_table(half, rows))
    if options.json:
        told: dict[str, object] = {half: [asdict(row) for row in rows] for half, rows in found.items()}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({"model": embedder.model, **told}, indent=1) + "\n", encoding="utf-8")
    return 0


def _table(half: str, rows: Sequence[Row]) -> Table:
    table = Table(title=f"{half} questions; means with 95 % bootstrap intervals", title_justify="left", box=None)
    for head in ("questions", "count", "system", f"recall@{RECALL_AT}", f"nDCG@{NDCG_AT}"):
        table.add_column(head, justify="right" if head == "count" else "left")
    for row in sorted(rows, key=lambda row: [one.group for one in rows].index(row.group)):
        table.add_row(row.group, str(row.questions), row.system, _told(row.recall), _told(row.ndcg))
    return table


def _told(value: Interval) -> str:
    return f"{value.mean:.3f} ({value.low:.3f}-{value.high:.3f})"


if __name__ == "__main__":
    sys.exit(main())
