"""How long a search takes in a large library.

The library's size is real, and so are its words: chunks are put together out of the labelled documents' ones. Its
vectors are random directions: they cost what real ones cost, and mean nothing, so nothing here says how good an answer
is.
"""

from __future__ import annotations

import random
import time
import uuid
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from integrations.rag_trainer.answers import Question
from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.ports import Document, Embedder, StoredChunk
from integrations.rag_trainer.results import Chunk, Chunks
from integrations.rag_trainer.retrieval.searcher import Searcher
from integrations.rag_trainer.vectors.embedded import EmbeddedVectors

STEPS: Final = ("embed", "lexical", "dense", "fuse", "rerank", "total")
_OF_A_DOCUMENT: Final = 200
_JOINED: Final = 3
_SEED: Final = 20_261_121


@dataclass(frozen=True, slots=True)
class Latency:
    """What questions took in one library.

    Attributes:
        megabytes: of the library's file.
        first: milliseconds of the first question, which reads all vectors.
        steps: median milliseconds by step of an answer, over the further questions.
        slow: 95th percentile of the total.
        processor: median milliseconds of processor time for a whole answer, which a busy machine changes little.
    """

    chunks: int
    megabytes: float
    questions: int
    first: float
    steps: dict[str, float]
    slow: float
    processor: float


def latency(size: int, given: Sequence[StoredChunk], embedder: Embedder, questions: Sequence[str]) -> Latency:
    """Fill a library with `size` chunks, and ask it: by words and by vectors, fused and re-ranked."""
    with TemporaryDirectory() as place, closing(SqliteLibrary(Path(place, "library.sqlite"))) as library:
        fill(library, size, [one.chunk.text for one in given], embedder)
        store = EmbeddedVectors(library, embedder.model)
        searcher = Searcher(library, store, embedder, time.perf_counter)
        asked = [Question(text=text) for text in questions]
        first = searcher.ask(asked[0]).timings_ms["total"]
        taken = defaultdict[str, list[float]](list)
        processor = list[float]()
        for question in asked:
            began = time.process_time()
            answer = searcher.ask(question)
            processor.append((time.process_time() - began) * 1_000)
            for step, ms in answer.timings_ms.items():
                taken[step].append(ms)
        steps = {step: float(np.median(taken[step])) for step in STEPS}
        megabytes = library.path.stat().st_size / 1e6
    slow = float(np.percentile(taken["total"], 95))
    return Latency(size, megabytes, len(asked), first, steps, slow, float(np.median(processor)))


def fill(library: SqliteLibrary, size: int, texts: Sequence[str], embedder: Embedder) -> None:
    """Put `size` chunks in, of three texts each, in documents of 200."""
    drawn = random.Random(_SEED)
    directions = np.random.default_rng(_SEED)
    for at in range(0, size, _OF_A_DOCUMENT):
        number = min(_OF_A_DOCUMENT, size - at)
        rows = directions.standard_normal((number, embedder.dimensions), np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        made = tuple(_chunk(f"{at}/{n}", n, "\n".join(drawn.choices(texts, k=_JOINED))) for n in range(number))
        chunks = Chunks(
            log="", chunks=made, model=embedder.model, dimensions=rows.shape[1], vectors=rows.astype("<f4").tobytes()
        )
        library.put(_document(f"synthetic-{at}.txt", number), chunks)


def _chunk(key: str, number: int, text: str) -> Chunk:
    id = str(uuid.uuid5(uuid.NAMESPACE_OID, key))
    return Chunk(id=id, number=number, start=0, end=len(text), text=text, kind="text", tokens=1)


def _document(name: str, chunks: int) -> Document:
    return Document(
        name=name,
        file_hash=name,
        content_hash=name,
        title=name,
        type="generic",
        subtype="",
        designation=None,
        language="ru",
        size=1,
        quality=100,
        trained=0.0,
        job_id="",
        chunks=chunks,
    )
