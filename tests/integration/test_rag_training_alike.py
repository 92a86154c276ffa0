"""The same documents give the same bytes: in a script with or without a callback, and in a hub's worker process."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from channels.messages.training import StageUpdate
from hub.cli.train_work import train
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.report_files import read_report
from integrations.rag_trainer.reports import TrainingReport
from integrations.rag_trainer.trainer import BldrRAGTrainer
from tests.rag_documents import DOCUMENT_EN, DOCUMENT_RU, write_docx, write_html, write_md, write_pdf, write_txt
from tests.rag_engine import within

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> TrainerOptions:
    """A document of most formats, one that is there twice, and one that fails."""
    options = within(tmp_path_factory.mktemp("alike"))
    folder = Path(options.base_dir)
    write_md(folder / "a.md", DOCUMENT_EN)
    write_docx(folder / "b.docx", DOCUMENT_RU)
    write_html(folder / "c.html", [*DOCUMENT_RU, "Кладку ведут с перевязкой швов."], "Кладка", "cp1251")
    write_pdf(folder / "d.pdf", ["Method statement 4\nConcrete is cured for 4 days."])
    write_txt(folder / "e.txt", DOCUMENT_EN, "utf-16")
    (folder / "f.md").write_bytes((folder / "a.md").read_bytes())
    (folder / "g.md").write_bytes(b"")
    return options


def _raising(*_line: object) -> None:
    raise ValueError("from the callback")


async def _sending(*_line: object) -> None:
    await asyncio.sleep(0)


def _by_script(callback: Callable[..., Any] | None) -> Callable[[TrainerOptions], TrainingReport]:
    def run(options: TrainerOptions) -> TrainingReport:
        with BldrRAGTrainer.from_options(options) as trainer:
            trainer.set_websocket_callback(callback)
            return trainer.train()

    return run


class _Nobody:
    """Watches, and does nothing."""

    def update(self, update: StageUpdate) -> None:
        pass

    def stopping(self) -> None:
        pass


def _by_worker(options: TrainerOptions) -> TrainingReport:
    return asyncio.run(train(options, None, _Nobody()))


WAYS: dict[str, Callable[[TrainerOptions], TrainingReport]] = {
    "raising callback": _by_script(_raising),
    "async callback": _by_script(_sending),
    "worker process": _by_worker,
}


def _trained(documents: TrainerOptions, folder: Path, way: Callable[[TrainerOptions], TrainingReport]) -> Any:
    """Return what a training leaves, but for when and by which job: the files of the library and of the graph as SQL,
    and the report without `job_id`, `seconds` and `stage_ms`."""
    places = {key: str(folder / key) for key in ("library", "graph", "journal", "reports_dir")}
    options = documents.model_copy(update=places)
    report = way(options)
    assert read_report(folder / "reports_dir" / f"{report.job_id}.json") == report
    plain = report.model_dump(exclude={"job_id", "seconds", "text"})
    for file in plain["files"]:
        del file["seconds"], file["stage_ms"]
    return _dump(options.library), _dump(options.graph), plain


def _dump(path: str) -> list[str]:
    with closing(sqlite3.connect(path)) as stored, closing(sqlite3.connect(":memory:")) as database:
        stored.backup(database)
        if database.execute("SELECT 1 FROM pragma_table_info('documents') WHERE name = 'trained'").fetchone():
            database.execute("UPDATE documents SET trained = 0, job_id = ''")
        return list(database.iterdump())


@pytest.fixture(scope="module")
def plain(documents: TrainerOptions, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a script without a callback leaves."""
    made = _trained(documents, tmp_path_factory.mktemp("plain"), _by_script(None))
    assert [file["outcome"] for file in made[2]["files"]] == ["trained"] * 5 + ["skipped", "failed"]
    assert sum(line.startswith('INSERT INTO "chunks"') for line in made[0]) == made[2]["chunks"] > 10
    return made


@pytest.mark.parametrize("way", WAYS)
def test_the_result_is_the_same_bytes(documents: TrainerOptions, tmp_path: Path, plain: Any, way: str) -> None:
    """Documents, chunks, words, vectors, graph and report."""
    library, graph, report = _trained(documents, tmp_path, WAYS[way])
    assert report == plain[2]
    assert graph == plain[1]
    assert library == plain[0]
