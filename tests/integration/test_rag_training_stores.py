"""The trainer with its eight parameters, each a store that is there: the data is really in it, and nowhere twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.reports import TrainingReport
from integrations.rag_trainer.trainer import BldrRAGTrainer
from tests.neo4j_double import PASSWORD, USER, Neo4jDouble
from tests.rag_documents import DOCUMENT_EN, DOCUMENT_RU, write_md
from tests.rag_kills import SmallModel

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two documents, in `docs`; the model is a small one."""
    monkeypatch.setattr("integrations.rag_trainer.assembly.make_embedder", lambda _options: SmallModel())
    (tmp_path / "docs").mkdir()
    write_md(tmp_path / "docs" / "a.md", DOCUMENT_EN)
    write_md(tmp_path / "docs" / "b.md", DOCUMENT_RU)
    return tmp_path


@contextmanager
def _trainer(folder: Path, neo4j: Neo4jDouble, password: str = PASSWORD) -> Iterator[BldrRAGTrainer]:
    with BldrRAGTrainer(
        base_dir=folder / "docs",
        neo4j_uri=f"bolt://127.0.0.1:{neo4j.port}",
        neo4j_user=USER,
        neo4j_pass=password,
        qdrant_path=str(folder / "made" / "qdrant"),
        faiss_path=str(folder / "made" / "faiss" / "index.faiss"),
        norms_db=str(folder / "made" / "norms" / "norms.sqlite"),
        reports_dir=folder / "made" / "reports",
    ) as trainer:
        yield trainer


def _counts(folder: Path, trainer: BldrRAGTrainer) -> dict[str, int]:
    """Count the points of each store, and the chunks of the library."""
    with closing(SqliteLibrary(folder / "made" / "norms" / "norms.sqlite")) as library:
        chunks = sum(document.chunks for document in library.documents())
    return {"library": chunks, **{store.name: store.count() for store in trainer._opened().stores}}


def test_every_store_that_is_named_has_the_data(folder: Path) -> None:
    """Each path is made; a second training adds nothing, a changed document replaces its own points and graph alone."""
    with Neo4jDouble() as neo4j:
        with _trainer(folder, neo4j) as trainer:
            report = trainer.train()
            first = _counts(folder, trainer)
            assert first == {"library": report.chunks, "qdrant": report.chunks, "faiss": report.chunks}
            assert report.chunks > 5
            assert trainer.query("crushed stone bed").passages[0].document == "a.md"
            assert trainer.train().skipped == 2
            assert _counts(folder, trainer) == first
            works = {name: _rows(document) for name, document in neo4j.graph.documents.items()}
            assert set(works) == {"a.md", "b.md"}
            assert all(works.values())
            write_md(folder / "docs" / "a.md", [*DOCUMENT_EN, "Walls are plastered in two layers."])
            (changed, _) = trainer.train().files
            assert (changed.name, changed.outcome) == ("a.md", "trained")
            counts = _counts(folder, trainer)
            assert len(set(counts.values())) == 1
            assert counts["library"] == first["library"] + changed.chunks - changed.replaced
            assert _rows(neo4j.graph.documents["b.md"]) == works["b.md"]
        with _trainer(folder, neo4j) as trainer:  # from what is on disk
            assert _counts(folder, trainer) == counts
    assert len(list((folder / "made" / "reports").glob("train-*.json"))) == 3


def _rows(document: dict[str, Any]) -> int:
    return sum(len(rows) for rows in document.values() if isinstance(rows, list))


def test_a_refused_password_is_named_and_not_shown(folder: Path) -> None:
    """Each document fails at the twelfth stage with the server's words; with the right one they are trained."""
    with Neo4jDouble() as neo4j, capture_logs() as logs:
        with _trainer(folder, neo4j, "hunter-two") as trainer:
            report = trainer.train()
        assert (report.state, {(file.stage, file.reason) for file in report.files}) == (
            "failed",
            {(12, "graph_unavailable")},
        )
        assert "hunter" not in f"{report}{logs}{trainer.options}"
        with _trainer(folder, neo4j) as trainer:
            assert trainer.train().trained == 2


def test_what_stands_in_for_an_absent_store_is_told(folder: Path) -> None:
    """With none of the parameters: in the first line that is told, and in the line of each stage that saves."""
    lines: list[str] = []
    with BldrRAGTrainer(folder / "docs") as trainer:
        trainer.observe(lambda update: lines.append(update.log))
        report: TrainingReport = trainer.train()
    assert report.trained == 2
    assert lines[0] == (
        "2 files; Works go to a file, as no Neo4j is configured. "
        "Vectors go to the library; questions go to the library."
    )
    assert any(line.startswith("a.md: ") and line.endswith("saved (embedded)") for line in lines)


def test_a_store_that_is_named_later_gets_what_was_trained_before(folder: Path) -> None:
    """Its documents are duplicates by then; all the same it has them after the next training, and they are found."""
    docs, norms = folder / "docs", folder / "norms.sqlite"
    with BldrRAGTrainer(docs, norms_db=norms) as trainer:
        chunks = trainer.train().chunks
    lines: list[str] = []
    with BldrRAGTrainer(docs, norms_db=norms, qdrant_path=folder / "qdrant", faiss_path=folder / "f.faiss") as trainer:
        trainer.observe(lambda update: lines.append(update.log))
        assert trainer.train().skipped == 2
        assert {store.name: store.count() for store in trainer._opened().stores} == {"faiss": chunks, "qdrant": chunks}
        assert trainer.query("crushed stone bed", mode="dense").passages
        assert trainer.train().skipped == 2
    told = "Documents that a store lacked and has now: 2."
    assert [told in line for line in lines if "Works go to" in line] == [True, False]
