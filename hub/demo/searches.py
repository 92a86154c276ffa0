"""The act of the vector search: the hub's own documentation, indexed in PostgreSQL and searched.

The embedder is feature hashing of words (`integrations.vector_search.hashing`): lexical, no model, and real.
"""

from __future__ import annotations

import ast
import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import channels
import hub
from channels.push import Push
from hub.demo.stage import Stage
from integrations.db_pool import DynamicPool, PoolOptions
from integrations.vector_search.hashing import HashingEmbedder
from integrations.vector_search.model import Point
from integrations.vector_search.options import RecallOptions, SearchOptions
from integrations.vector_search.pgvector import PgVectorStore
from integrations.vector_search.reporting import Reporter
from integrations.vector_search.search import ObservedSearch

COLLECTION: Final = "demo-docs"
DIMENSIONS: Final = 256
DOCUMENTS: Final = 1_000
"""Documents that are indexed at most."""
_BATCH: Final = 50
_PAUSE: Final = 1.0
"""Seconds between two searches."""
QUESTIONS: Final = (
    "how does a client recover what it missed",
    "what happens to a slow reader",
    "the broker is away and publications wait",
    "who may subscribe to a room",
    "how is a token revoked",
    "history of a channel and its offsets",
    "what is written to the log when a worker dies",
    "connections are closed over the grace period",
)


async def play(stage: Stage) -> None:
    """Index, and then search until cancelled."""
    tell = stage.telling("vector search")
    embed = HashingEmbedder(DIMENSIONS)
    async with DynamicPool(stage.dsn, PoolOptions(name="demo-vectors", minimum=1, maximum=4), None) as pool:
        store = PgVectorStore(pool)
        await store.create(COLLECTION, DIMENSIONS)
        number = 0
        for batch in batches(await asyncio.to_thread(lambda: list(documents()))):
            vectors = await asyncio.to_thread(lambda texts: [embed(text) for _, text in texts], batch)
            points = [
                Point(number + index, vector, {"name": name, "text": text[:200]})
                for index, ((name, text), vector) in enumerate(zip(batch, vectors, strict=True))
            ]
            await store.upsert(COLLECTION, points)
            number += len(points)
            tell(f"{number} docstrings of this hub are indexed in PostgreSQL")
        options = SearchOptions(recall=RecallOptions(share=0.5, min_samples=5), count_interval=10.0)
        async with ObservedSearch(store, Reporter(Push(stage.publish), options), embed=embed) as search:
            for question in itertools.cycle(QUESTIONS):
                found = await search.search_vectors(COLLECTION, question, top_k=5)
                best = found.hits[0]
                tell(f"“{question}”: {best.payload['name']} ({best.score:.2f})")
                stage.notebook.note(f"search {question}", f"“{question}” is best answered by {best.payload['name']}")
                await asyncio.sleep(_PAUSE * stage.pace)


def documents() -> Iterator[tuple[str, str]]:
    """The docstrings of the installed hub, each with the name of what it documents; the same ones each time."""
    found = 0
    for package in (channels, hub):
        for top in package.__path__:
            for file in sorted(Path(top).rglob("*.py")):
                for name, text in _docstrings(file):
                    if found == DOCUMENTS:
                        return
                    found += 1
                    yield name, text


def _docstrings(file: Path) -> Iterator[tuple[str, str]]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            # The embedder refuses a text without a letter.
            if text and any(map(str.isalnum, text)):
                name = file.stem if isinstance(node, ast.Module) else f"{file.stem}.{node.name}"
                yield name, f"{name}: {text}"


def batches(texts: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Parts of so many documents that one statement may take."""
    for start in range(0, len(texts), _BATCH):
        yield texts[start : start + _BATCH]
