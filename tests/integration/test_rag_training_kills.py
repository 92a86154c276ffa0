"""A training that dies anywhere, or has no room on the disk: what is there afterwards, and what the next one does."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.report_files import read_report
from integrations.rag_trainer.reports import TrainingReport
from tests.rag_documents import DOCUMENT_EN, DOCUMENT_RU, write_docx, write_md, write_txt
from tests.rag_engine import within, without_time
from tests.rag_kills import Outcome, Plan, Trainings

pytestmark = pytest.mark.timeout(120)

VICTIM = "b.docx"
STAGES = range(1, 15)
Calm: TypeAlias = tuple[TrainerOptions, Outcome]


@pytest.fixture(scope="module")
def trainings() -> Iterator[Trainings]:
    with Trainings() as running:
        yield running


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with documents: made once, because a docx has the time in it."""
    folder = tmp_path_factory.mktemp("documents")
    write_md(folder / "a.md", DOCUMENT_EN)
    write_docx(folder / VICTIM, DOCUMENT_RU)
    write_txt(folder / "c.txt", [*DOCUMENT_RU, "Кладку ведут с перевязкой швов."], "cp1251")
    return folder


@pytest.fixture(scope="module")
def calm(trainings: Trainings, documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Calm:
    """A training that nothing disturbs."""
    options = _corpus(tmp_path_factory.mktemp("calm"), documents)
    outcome = trainings.run(Plan(options=options, victim=VICTIM))
    assert outcome.report is not None
    assert (outcome.report.trained, len(outcome.calls), len(outcome.ran)) == (3, 14, 42)
    return options, outcome


@pytest.fixture
def options(tmp_path: Path, documents: Path) -> TrainerOptions:
    """The options of a training of the same documents."""
    return _corpus(tmp_path, documents)


def _corpus(folder: Path, documents: Path) -> TrainerOptions:
    options = within(folder)
    shutil.copytree(documents, folder / "in", dirs_exist_ok=True)
    return options


def _left(options: TrainerOptions) -> dict[str, Any]:
    """Return all that a training leaves, but for times: documents, chunks with their vectors, graph, reports."""
    documents = [without_time(document) for document in _documents(options)]
    for path in (options.library, options.graph, options.journal):
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with closing(sqlite3.connect(options.library)) as database:
        chunks = database.execute("SELECT id, number, chunk, vector FROM chunks ORDER BY id").fetchall()
    return {"documents": documents, "chunks": chunks, "graph": _rows(options.graph), "reports": _reports(options)}


def _documents(options: TrainerOptions) -> list[Any]:
    with closing(SqliteLibrary(Path(options.library))) as library:
        return library.documents()


def _rows(path: str) -> dict[str, Any]:
    with closing(sqlite3.connect(path)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(database.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in tables}  # noqa: S608


def _reports(options: TrainerOptions) -> list[tuple[str, str]]:
    """Read every file of the reports: there is nothing else, and none is half a report."""
    folder = Path(options.reports_dir)
    return sorted((path.name, read_report(path).state) for path in folder.iterdir()) if folder.exists() else []


def _plain(report: TrainingReport | None) -> Any:
    """Return a report without its clock fields, `seconds` and `stage_ms`, and without what was resumed."""
    assert report is not None
    files = [file.model_dump(exclude={"seconds", "stage_ms", "resumed"}) for file in report.files]
    return files, report.model_dump(exclude={"seconds", "files", "text"})


def _check_resumed(options: TrainerOptions, outcome: Outcome, calm: Calm) -> None:
    assert _plain(outcome.report) == _plain(calm[1].report)
    assert _left(options) == _left(calm[0])
    assert list(_rows(options.journal).values()) == [[], [], []]


@pytest.mark.parametrize("moment", ["begin", "middle", "end"])
@pytest.mark.parametrize("stage", STAGES)
def test_a_training_that_is_killed_goes_on(
    trainings: Trainings, calm: Calm, options: TrainerOptions, stage: int, moment: str
) -> None:
    """In any stage: at its begin, after half of its calls, and when its result is made but not noted."""
    calls = {"begin": 0, "middle": calm[1].calls[stage - 1] // 2, "end": -1}[moment]
    assert trainings.run(Plan(options=options, victim=VICTIM, stage=stage, calls=calls)).code == -9
    whole, there = ({document.name: document.chunks for document in _documents(of)} for of in (calm[0], options))
    assert "a.md" in there
    assert there.items() <= whole.items()
    assert _reports(options) == []
    outcome = trainings.run(Plan(options=options))
    assert outcome.ran == [(VICTIM, number) for number in range(stage, 15)] + [("c.txt", number) for number in STAGES]
    _check_resumed(options, outcome, calm)


@pytest.mark.parametrize("step", ["finish", "report", "drop"])
def test_a_training_that_is_killed_between_stages_goes_on(
    trainings: Trainings, calm: Calm, options: TrainerOptions, step: str
) -> None:
    """When a document is through, before the report is written, and before the job is forgotten: as the same job."""
    assert trainings.run(Plan(options=options, before=step)).code == -9
    assert _reports(options) == ([("train-1.json", "completed")] if step == "drop" else [])
    outcome = trainings.run(Plan(options=options))
    names = ["b.docx", "c.txt"] if step == "finish" else []
    assert outcome.ran == [(name, number) for name in names for number in STAGES]
    _check_resumed(options, outcome, calm)


@pytest.mark.parametrize("stage", [3, 12, 14])
def test_what_changed_since_a_kill_is_trained_anew(
    trainings: Trainings, options: TrainerOptions, tmp_path: Path, stage: int
) -> None:
    """From its first stage, and without what its earlier version left; the others go on as they were."""
    assert trainings.run(Plan(options=options, victim=VICTIM, stage=stage, calls=-1)).code == -9
    write_docx(tmp_path / "in" / VICTIM, [*DOCUMENT_RU, "Опалубку снимают через 7 суток."])
    outcome = trainings.run(Plan(options=options))
    assert outcome.report is not None
    assert (outcome.report.trained, outcome.report.failed) == (3, 0)
    assert outcome.ran[:14] == [(VICTIM, number) for number in STAGES]
    (tmp_path / "fresh").mkdir()
    fresh = _corpus(tmp_path / "fresh", tmp_path / "in")
    trainings.run(Plan(options=fresh))
    assert _left(options) == _left(fresh)


@pytest.mark.parametrize("kilobytes", [4, 40, 100, 140, 180])
def test_a_disk_without_room_is_a_named_failure(
    trainings: Trainings, calm: Calm, options: TrainerOptions, kilobytes: int
) -> None:
    """Wherever it strikes: nothing is damaged, and with room again the same command does the rest."""
    report = trainings.run(Plan(options=options, file_bytes=kilobytes << 10)).report
    assert report is not None
    said = json.dumps(report.model_dump(mode="json"))
    assert report.state != "completed" or report.failed
    assert any(word in said for word in ("disk", "free space")), said
    outcome = trainings.run(Plan(options=options))
    assert outcome.report is not None
    assert (outcome.report.state, outcome.report.failed) == ("completed", 0)
    there, expected = _left(options), _left(calm[0])
    del there["reports"], expected["reports"]
    assert there == expected
