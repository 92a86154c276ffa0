"""Training into every vector store at once, with the real stages and models: the library, FAISS, pgvector in a real
PostgreSQL, and Qdrant (the client's local mode)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from integrations.rag_trainer.answers import Question
from integrations.rag_trainer.embedding.factory import make_embedder
from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.options import QdrantOptions, TrainerOptions
from integrations.rag_trainer.ports import Embedder
from integrations.rag_trainer.retrieval.searcher import Searcher
from integrations.rag_trainer.settings import options_of
from integrations.rag_trainer.trainer import BldrRAGTrainer
from integrations.rag_trainer.vectors.embedded import EmbeddedVectors
from integrations.rag_trainer.vectors.factory import make_stores
from tests.postgres_server import PostgresServer, postgres

__all__ = ["postgres"]

NORM = """СП 999.13330.2024

СВОД ПРАВИЛ

Бетонные работы

1 Уход за бетоном

1.1 Уложенный бетон поливают водой не менее семи суток.

1.2 Опалубку стен снимают при прочности не ниже 1,5 МПа.

2 Швы

2.1 Рабочие швы устраивают перпендикулярно оси элемента.
"""
GUIDE = """# Site guide

## Scaffolds

Scaffolds are inspected every seven days and after each storm.

## Trenches

A trench deeper than 1.2 m is supported before anybody enters it.
"""

ASKED = {"сколько суток поливают бетон": "десяти суток", "depth of a trench": "1.2 m"}


@pytest.fixture
def options(tmp_path: Path, postgres: PostgresServer) -> Iterator[TrainerOptions]:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "norm.txt").write_text(NORM, "utf-8")
    (tmp_path / "in" / "guide.md").write_text(GUIDE, "utf-8")
    dsn = postgres.create()
    base = options_of(tmp_path / "in", norms_db=tmp_path / "library.sqlite", reports_dir=tmp_path / "reports")
    yield base.model_copy(
        update={
            "faiss_path": str(tmp_path / "index.faiss"),
            "pgvector_dsn": SecretStr(dsn),
            "qdrant": QdrantOptions(path=str(tmp_path / "qdrant")),
        }
    )
    postgres.drop(dsn)


def _asked(options: TrainerOptions, embedder: Embedder) -> None:
    """Look into each store, when whoever wrote them is gone: the same points, and the same answers."""
    with closing(SqliteLibrary(Path(options.library))) as library:
        stores = make_stores(options, library)
        try:
            chunks = sum(document.chunks for document in library.documents())
            assert [store.count() for store in stores.written] == [chunks] * 3
            for store in (EmbeddedVectors(library), *stores.written):
                searcher = Searcher(library, store, embedder, time.monotonic)
                for question, words in (
                    ("сколько суток поливают бетон", "десяти суток"),
                    ("depth of a trench", "1.2 m"),
                ):
                    answer = searcher.ask(Question(text=question, mode="dense", limit=1))
                    assert words in answer.passages[0].text, store.name
        finally:
            stores.close()


@pytest.mark.timeout(180)
def test_every_store_has_the_same_and_answers_the_same(options: TrainerOptions) -> None:
    """Twice is once; a changed file replaces its own points only; and a server that is away costs an answer nothing but
    its vectors."""
    with BldrRAGTrainer.from_options(options) as trainer:
        first = trainer.train()
        assert [file.outcome for file in first.files] == ["trained", "trained"]
        assert [file.reason for file in trainer.train().files] == ["duplicate", "duplicate"]
        Path(options.base_dir, "norm.txt").write_text(NORM.replace("семи", "десяти") + "\n2.2 Швы чистят.\n", "utf-8")
        files = {file.name: file for file in trainer.train().files}
        assert (files["guide.md"].reason, files["norm.txt"].outcome) == ("duplicate", "trained")
        before = next(file for file in first.files if file.name == "norm.txt")
        assert (files["norm.txt"].replaced, files["norm.txt"].chunks) == (before.chunks, before.chunks + 1)
    with closing(make_embedder(options.embedding)) as embedder:
        _asked(options, embedder)

    away = {"pgvector_dsn": SecretStr("postgresql://user:swordfish@127.0.0.1:1/name"), "search": "pgvector"}
    with BldrRAGTrainer.from_options(options.model_copy(update=away)) as trainer:
        answer = trainer.query("сколько суток поливают бетон", limit=1)
        assert "десяти суток" in answer.passages[0].text
        assert answer.notes[0].startswith("dense search was left out: expected to reach PostgreSQL")
        Path(options.base_dir, "new.txt").write_text("1 Новое\n\n1.1 Совсем другой текст о кровле здания.\n", "utf-8")
        report = trainer.train()
    assert report.state == "failed" or report.failed == 1
    assert "expected to reach PostgreSQL" in str(report)
    assert "swordfish" not in str(report)
