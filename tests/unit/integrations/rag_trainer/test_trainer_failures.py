"""What may go wrong around a trainer's jobs: each is in the report, told once, and over the next time."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from channels.messages.training import StageUpdate
from integrations.rag_trainer.assembly import Assembly
from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.trainer import BldrRAGTrainer
from tests.rag_engine import small_assembly, within, write_documents
from tests.rag_kills import SmallModel


def trainer(options: TrainerOptions) -> BldrRAGTrainer:
    return BldrRAGTrainer("", options=options, assembly=small_assembly)


def test_what_is_absent_is_made_or_said(tmp_path: Path) -> None:
    """Every path of the eight: only the folder of documents isn't made, since an empty one would be of no use."""
    it = BldrRAGTrainer(
        tmp_path / "docs",
        qdrant_path=tmp_path / "q" / "drant",
        faiss_path=tmp_path / "f" / "faiss.index",
        norms_db=tmp_path / "n" / "norms.sqlite",
        reports_dir=tmp_path / "r" / "reports",
        assembly=small_assembly,
    )
    with it:
        report = it.train()
        assert (report.state, report.files) == ("failed", ())
        assert report.text.startswith(f"expected a folder with documents at {tmp_path / 'docs'}; nothing is there")
        (tmp_path / "docs").mkdir()
        assert it.train().text.startswith(f"expected documents in {tmp_path / 'docs'}; there are none")
        (tmp_path / "docs" / "a.txt").write_text("one")
        assert it.train().state == "completed"
    assert (tmp_path / "n" / "norms.sqlite").exists()
    assert len(list((tmp_path / "r" / "reports").iterdir())) == 3


def test_a_place_that_cannot_be_made_fails_the_job_and_not_the_program(tmp_path: Path) -> None:
    """A file stands where a folder is needed."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("one")
    (tmp_path / "file").write_text("")
    updates: list[StageUpdate] = []
    with BldrRAGTrainer(tmp_path / "docs", norms_db=tmp_path / "file" / "n.sqlite", assembly=small_assembly) as it:
        it.observe(updates.append)
        report = it.train()
    assert report.state == "failed"
    assert report.text == (
        f"the training can't go on: NotADirectoryError: [Errno 20] a file stands where a folder is needed: "
        f"'{tmp_path}/file' "
        "(look at the path, its rights, and the free space)"
    )
    assert [(update.stage, update.status) for update in updates] == [("error", "failed")]


def test_stores_that_are_away_fail_the_job(tmp_path: Path) -> None:
    """With what they say, but without their password; they are tried again next time."""
    options = within(tmp_path)
    write_documents(tmp_path, a="one")
    tries = iter([ConnectionError("bolt://neo4j:secret@db:7687 is away")])

    def assembly(options: TrainerOptions) -> Assembly:
        error = next(tries, None)
        if error is not None:
            raise error
        return small_assembly(options)

    with BldrRAGTrainer("", options=options, assembly=assembly) as it:
        report = it.train()
        assert report.text == "the training can't go on: ConnectionError: bolt://db:7687 is away"
        assert it.train().state == "completed"


def test_a_report_that_cannot_be_written_is_told_and_changes_nothing_else(tmp_path: Path) -> None:
    """The job is as complete as before; its last line says what is missing."""
    (tmp_path / "file").write_text("")
    options = within(tmp_path, reports_dir=str(tmp_path / "file" / "reports"))
    write_documents(tmp_path, a="one")
    updates: list[StageUpdate] = []
    with trainer(options) as it:
        it.observe(updates.append)
        assert it.train().state == "completed"
    assert f"; its report can't be written to {tmp_path}/file/reports: Not a directory" in updates[-1].log
    with trainer(within(tmp_path, reports_dir="")) as it:
        assert it.train().state == "completed"


def test_a_journal_that_cannot_be_written_ends_the_job(tmp_path: Path) -> None:
    """It couldn't go on after a kill; that is said instead of hoped for."""
    options = within(tmp_path)
    write_documents(tmp_path, a="one")

    def before(number: int, _draft: Draft) -> None:
        if number == 3:
            database = sqlite3.connect(options.journal)
            database.execute("DROP TABLE results")
            database.close()

    updates: list[StageUpdate] = []
    with BldrRAGTrainer("", options=options, assembly=lambda options: small_assembly(options, before)) as it:
        it.observe(updates.append)
        report = it.train()
    assert report.text == "the training can't go on: OperationalError: no such table: results"
    assert [update.stage for update in updates].count("error") == 1


def test_an_interruption_passes_and_is_told(tmp_path: Path) -> None:
    """Ctrl+C in a program that calls `train`: one last update, and the next call goes on."""
    options = within(tmp_path)
    write_documents(tmp_path, a="one")

    def before(number: int, _draft: Draft) -> None:
        if number == 5:
            raise KeyboardInterrupt

    updates: list[StageUpdate] = []
    with BldrRAGTrainer("", options=options, assembly=lambda options: small_assembly(options, before)) as it:
        it.observe(updates.append)
        with pytest.raises(KeyboardInterrupt):
            it.train()
    assert [(update.stage, update.status) for update in updates][-1] == ("error", "cancelled")
    with trainer(options) as it:
        assert it.train().files[0].resumed == 4


def test_a_closed_trainer_does_nothing(tmp_path: Path) -> None:
    """Closing twice is closing once; the stores are closed."""
    options = within(tmp_path)
    it = trainer(options)
    made = it._opened()
    it.close()
    it.close()
    assert made.library.closed  # type: ignore[attr-defined]
    for call in (it.train, lambda: it.query("x")):
        with pytest.raises(RuntimeError, match="closed"):
            call()


@pytest.mark.parametrize("uri", ["bolt://127.0.0.1:1", "nonsense://x"])
def test_the_password_is_in_nothing_that_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, uri: str
) -> None:
    """Of a server that is away, and of an address that is none: log, report, updates, and the trainer itself."""
    monkeypatch.setattr("integrations.rag_trainer.assembly.make_embedder", lambda _options: SmallModel())
    (tmp_path / "a.md").write_text("Concrete is cured for seven days and kept moist.")
    updates: list[StageUpdate] = []
    with BldrRAGTrainer(tmp_path, uri, "neo4j", "hunter-two") as it:
        it.observe(updates.append)
        report = it.train()
        shown = [repr(it), str(it.options), repr(vars(it)), it.options.model_dump_json(), *map(str, updates)]
    assert report.state == "failed"
    assert "Neo4j" in report.text
    logged = capsys.readouterr()
    assert "hunter" not in "".join([*shown, str(report), logged.out, logged.err])
    assert [path for path in tmp_path.rglob("*") if path.is_file() and b"hunter" in path.read_bytes()] == []
