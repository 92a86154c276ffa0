"""Entry point: `python -m benchmarks.retrieval`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final, get_args

from rich.console import Console

from benchmarks.retrieval.corpus import Half, papers, questions
from benchmarks.retrieval.cost import cost, lengthened
from benchmarks.retrieval.measuring import ablation, measure
from benchmarks.retrieval.scale import latency
from benchmarks.retrieval.tables import ablation_table, cost_table, latency_table, quality_table
from benchmarks.retrieval.trained import trained
from integrations.rag_trainer.embedding.factory import make_embedder
from integrations.rag_trainer.embedding.local import LocalModel
from integrations.rag_trainer.options import EmbeddingOptions

_ABOUT: Final = """\
Trains the labelled documents through the stages of the RAG trainer, asks it the labelled questions, and prints:
how many clauses that answer are found (recall@5, nDCG@10) by words, by vectors, by both, and re-ranked; what embedding
costs; and how long a search takes in a library of a given size. Needs the extra `rag`. Takes about five minutes.
"""
_ASKED: Final = 40


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print tables."""
    options = _parser().parse_args(arguments)
    halves: tuple[Half, ...] = get_args(Half) if options.half == "both" else (options.half,)
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    known = papers()
    embedder = make_embedder(EmbeddingOptions(model=options.model))
    told: dict[str, object] = {"model": embedder.model}
    with trained(model=options.model) as library:
        console.print(f"{library.documents} documents, {len(library.chunks)} chunks; model {embedder.model}")
        for line in library.failed:
            console.print(f"not trained: {line}", markup=False)
        for half in halves:
            rows = measure(library.ask, questions(half, known))
            console.print(quality_table(half, rows))
            told[half] = [asdict(row) for row in rows]
        if "tuning" in halves:
            # On the half that the weights were found with: the other one stays untouched by such looks.
            signs = ablation(library.ask_with, questions("tuning", known))
            console.print(ablation_table("tuning", signs))
            told["ablation"] = signs
        chunks = library.chunks
    if options.cost:
        by_language = {
            language: [one.chunk.text for one in chunks if one.document.language == language]
            for language in ("ru", "en")
        }
        costs = [cost(embedder, f"{language}, clauses", texts) for language, texts in by_language.items()]
        costs += [
            cost(embedder, f"{language}, long", lengthened(embedder, texts)) for language, texts in by_language.items()
        ]
        console.print(cost_table(costs))
        told["cost"] = [asdict(one) for one in costs]
    asked = [one.text for one in questions("held-out", known)][:_ASKED]
    latencies = [latency(size, chunks, embedder, asked) for size in options.sizes]
    if latencies:
        console.print(latency_table(latencies))
        told["latency"] = [asdict(one) for one in latencies]
    embedder.close()
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval", description=_ABOUT)
    parser.add_argument(
        "--half", choices=(*get_args(Half), "both"), default="both", help="of the questions; default both"
    )
    parser.add_argument(
        "--model", choices=get_args(LocalModel), default="", help="local embedding model; default the trainer's"
    )
    parser.add_argument(
        "--sizes",
        type=_sizes,
        default=(10_000, 30_000, 100_000),
        metavar="N,N",
        help="chunks in the libraries whose latency is measured, with random vectors; 0: none; "
        "default 10000,30000,100000",
    )
    parser.add_argument("--no-cost", dest="cost", action="store_false", help="leave out what embedding costs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write all figures")
    return parser


def _sizes(text: str) -> tuple[int, ...]:
    sizes = tuple(int(part) for part in text.split(","))
    if any(size < 0 for size in sizes):
        raise ValueError("expected numbers of chunks")
    return tuple(size for size in sizes if size)


if __name__ == "__main__":
    sys.exit(main())
