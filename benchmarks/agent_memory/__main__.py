"""Entry point: `python -m benchmarks.agent_memory`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console

from agents.memory.measures import Measures
from agents.memory.options import MemoryOptions
from agents.memory.pgvector import PgVectorIndex
from agents.memory.vectors import Vectors
from agents.memory.worker import MemoryWorker
from agents.ports import Embedder
from agents.store.database import Database, DatabaseOptions
from agents.store.migrating import upgrade
from benchmarks.agent_memory import quality, scale
from benchmarks.agent_memory.tables import quality_table, speed_table
from benchmarks.integrations.pool import postgres
from hub.adapters.agents.embedding import embedder_loader
from hub.sections.agents_memory import EmbeddingSection

_ABOUT: Final = """\
Has an agent remember the labelled memories and asks it the labelled questions: how much is found by meaning, by words,
by both, and re-ranked (needs the extra `rag`). Then fills PostgreSQL with vectors, and measures searches in them.
"""
_PATIENCE: Final = 60.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print tables."""
    options = _parser().parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    told = asyncio.run(_measure(options, console))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0


async def _measure(options: argparse.Namespace, console: Console) -> dict[str, object]:
    told: dict[str, object] = {}
    async with postgres() as dsn:
        database = Database(DatabaseOptions(dsn))
        await upgrade(database)
        if options.quality:
            rows = await _quality(database)
            console.print(quality_table(rows))
            told["quality"] = [asdict(row) for row in rows]
        if options.vectors:
            speeds = await scale.measure(database, options.vectors, options.dimensions, options.searches)
            console.print(speed_table(speeds, options.dimensions))
            told["speed"] = [asdict(speed) for speed in speeds]
        await database.close()
    return told


async def _quality(database: Database) -> list[quality.Quality]:
    load = embedder_loader(EmbeddingSection(provider="local"))
    assert load is not None
    measures, bounds = Measures(), MemoryOptions(patience=_PATIENCE)
    vectors = Vectors(load, partial(_open, database), measures, bounds.patience)
    await vectors.pair()
    return await quality.measure(database, vectors, MemoryWorker(database, vectors, bounds, measures))


def _open(database: Database, embedder: Embedder) -> PgVectorIndex:
    return PgVectorIndex(database, embedder.model, embedder.dimensions)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agent_memory", description=_ABOUT)
    parser.add_argument(
        "--vectors", type=int, default=20_000, help="vectors of the biggest agent; 0: no searches in many"
    )
    parser.add_argument("--dimensions", type=int, default=896, help="of those vectors; 896 are the local model's")
    parser.add_argument("--searches", type=int, default=400, help="searches of each kind")
    parser.add_argument("--no-quality", dest="quality", action="store_false", help="leave the labelled set out")
    parser.add_argument("--json", type=Path, help="file for the figures")
    return parser


if __name__ == "__main__":
    sys.exit(main())
