"""The labelled documents in a library, by the trainer itself: all fourteen stages, and the searcher behind `query`."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.retrieval.corpus import CORPUS
from benchmarks.retrieval.measuring import Ask
from integrations.rag_trainer.embedding.factory import make_embedder
from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.options import EmbeddingOptions
from integrations.rag_trainer.ports import EVERYWHERE, StoredChunk
from integrations.rag_trainer.retrieval.rerank import Weights
from integrations.rag_trainer.retrieval.searcher import Searcher
from integrations.rag_trainer.settings import options_of
from integrations.rag_trainer.trainer import BldrRAGTrainer
from integrations.rag_trainer.vectors.embedded import EmbeddedVectors


@dataclass(frozen=True, slots=True)
class Trained:
    """A library that can be asked.

    Attributes:
        ask: as `BldrRAGTrainer.query`.
        ask_with: makes the same with other weights of the re-ranking.
        failed: documents that a stage refused, with the reason; questions about them count, and find nothing.
    """

    ask: Ask
    ask_with: Callable[[Weights], Ask]
    documents: int
    chunks: tuple[StoredChunk, ...]
    failed: tuple[str, ...]


@contextmanager
def trained(names: Collection[str] | None = None, model: str = "", folder: Path = CORPUS) -> Iterator[Trained]:
    """Train documents into a library that is gone afterwards.

    Args:
        names: of the documents; `None`: all.
        model: local embedding model; empty: the default.
    """
    with TemporaryDirectory() as place:
        base = options_of(folder, norms_db=Path(place, "library.sqlite"), reports_dir=Path(place, "reports"))
        options = base.model_copy(update={"embedding": EmbeddingOptions(model=model)})
        with BldrRAGTrainer.from_options(options) as trainer:
            report = trainer.train(None if names is None else [folder / name for name in sorted(names)])
            failed = tuple(f"{file.name}: {file.text}" for file in report.files if file.outcome != "trained")
            with (
                closing(SqliteLibrary(Path(options.library))) as library,
                closing(make_embedder(options.embedding)) as embedder,
            ):
                store = EmbeddedVectors(library)

                def ask_with(weights: Weights) -> Ask:
                    return Searcher(library, store, embedder, time.perf_counter, weights).ask

                chunks = tuple(library.chunks(library.ids(EVERYWHERE)))
                yield Trained(trainer.query, ask_with, len(library.documents()), chunks, failed)
