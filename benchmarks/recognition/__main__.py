"""Entry point: `python -m benchmarks.recognition`."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.recognition.corpus import damaged, outlines, types, values, works
from benchmarks.recognition.measuring import judge_types, score_outlines, score_values, score_works
from benchmarks.recognition.scores import Bin, Judged, Score, accuracy, calibration_error, reliability


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all, and print it."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.recognition",
        description="Measures how well types, outlines, works and values of labelled texts are recognised.",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write all figures")
    options = parser.parse_args(arguments)
    documents = types()
    whole, broken = judge_types(documents), judge_types(damaged(documents))
    scores = {
        **{f"values: {kind}": score for kind, score in score_values(values()).items()},
        "headings": score_outlines(outlines()),
        "works": score_works(works()),
    }
    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    console.print(_matrix(whole))
    console.print(f"types: {accuracy(whole):.3f} of {len(whole)} documents right; ", end="")
    console.print(f"{accuracy(broken):.3f} of {len(broken)} that lost up to three lines, and their names")
    console.print(_bins(reliability(broken)))
    console.print(_scores(scores))
    if options.json:
        told = {
            name: {**asdict(score), "precision": score.precision, "recall": score.recall}
            for name, score in scores.items()
        }
        figures = {
            "types": accuracy(whole),
            "damaged": accuracy(broken),
            "bins": list(map(asdict, reliability(broken))),
        }
        options.json.write_text(json.dumps({**figures, **told}, indent=1) + "\n", encoding="utf-8")
    return 0


def _matrix(judged: Sequence[Judged]) -> Table:
    names = sorted({name for one in judged for name in (one.label, one.told)})
    counts = Counter((one.label, one.told) for one in judged)
    table = Table(title="types: rows are what they are, columns what was told", title_justify="left", box=None)
    table.add_column("")
    for name in names:
        table.add_column(name[:9], justify="right")
    for name in names:
        table.add_row(name, *(str(counts[name, told] or "") for told in names))
    return table


def _bins(bins: Sequence[Bin]) -> Table:
    error = calibration_error(bins)
    table = Table(title=f"damaged ones; calibration error {error:.3f}", title_justify="left", box=None)
    for head in ("confidence", "documents", "mean confidence", "share right"):
        table.add_column(head, justify="right")
    for one in bins:
        table.add_row(f"{one.low:.2f}-{one.high:.2f}", str(one.count), f"{one.confidence:.2f}", f"{one.accuracy:.2f}")
    return table


def _scores(scores: dict[str, Score]) -> Table:
    table = Table(title="what is found in texts", title_justify="left", box=None)
    for head in ("what", "there", "found", "right", "precision", "recall"):
        table.add_column(head, justify="left" if head == "what" else "right")
    for name, one in scores.items():
        counts = (one.there, one.found, one.right)
        table.add_row(name, *map(str, counts), f"{one.precision:.3f}", f"{one.recall:.3f}")
    return table


if __name__ == "__main__":
    sys.exit(main())
