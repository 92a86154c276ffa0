"""What embedding costs: processor time for real chunks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from integrations.rag_trainer.ports import Embedder

_LONG: Final = 220
"""Tokens of a long chunk: as many as `limits.chunk_tokens` allows by default."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time of embedding.

    Attributes:
        seconds: of all threads of the process, for 1,000 chunks.
        tokens: of a chunk, on average.
    """

    kind: str
    chunks: int
    tokens: float
    seconds: float


def cost(embedder: Embedder, kind: str, texts: Sequence[str], clock: Callable[[], float] = time.process_time) -> Cost:
    """Embed texts one time, after one that isn't counted."""
    embedder.embed(texts[:1])
    began = clock()
    embedder.embed(texts)
    seconds = (clock() - began) / len(texts) * 1_000
    return Cost(kind, len(texts), sum(map(embedder.count, texts)) / len(texts), seconds)


def lengthened(embedder: Embedder, texts: Sequence[str]) -> list[str]:
    """Join neighbours to texts of nearly 220 tokens: the chunks of prose, where a clause of a norm has some 40."""
    joined: list[str] = []
    now = ""
    for text in texts:
        more = f"{now}\n{text}" if now else text
        if now and embedder.count(more) > _LONG:
            joined.append(now)
            more = text
        now = more
    return [*joined, now] if now else joined
