"""The trainer with its real stages, stores and model, on a hundred files of all kinds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from channels.messages.training import StageUpdate, percent
from integrations.rag_trainer.answers import Question
from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.terms import terms
from integrations.rag_trainer.trainer import BldrRAGTrainer
from tests.rag_documents import (
    H,
    T,
    write_docx,
    write_html,
    write_md,
    write_pdf,
    write_txt,
    write_xlsx,
    write_zip,
)
from tests.rag_engine import within, without_time

pytestmark = pytest.mark.timeout(180)

_PLACES = ("котлован", "фундамент", "кровля", "фасад", "перекрытие", "лестница", "колодец", "подпорная стена")


def _blocks(number: int) -> list[Any]:
    """Write a short document; each is another one."""
    place = _PLACES[number % len(_PLACES)]
    if number % 2:
        return [
            H(1, f"Method statement {number}"),
            H(2, "1 General"),
            f"Item {number} is set out before excavation number {number} begins. Concrete is cured for {number} days.",
            T((("Work", "Amount"), (f"Excavation {number}", str(number * 10)))),
        ]
    return [
        H(1, f"Проект производства работ № {number}"),
        H(2, "1 Общие указания"),
        f"1.1 До начала работ на участке {number} ({place}) выполняют разбивку осей и разработку грунта.",
        f"1.2 Бетонную смесь укладывают слоями толщиной {number + 200} мм по ГОСТ 7473-2010.",
    ]


def _good(folder: Path, number: int) -> None:
    stem = folder / f"{number:02d}"
    blocks = _blocks(number)
    match number % 6:
        case 0:
            write_md(stem.with_suffix(".md"), blocks)
        case 1:
            write_txt(stem.with_suffix(".txt"), blocks, ("utf-8", "utf-16", "utf-8-sig")[number % 3])
        case 2:
            write_html(stem.with_suffix(".html"), blocks, f"Документ {number}", "cp1251")
        case 3:
            write_docx(stem.with_suffix(".docx"), blocks)
        case 4:
            rows = (("Наименование работ", "Ед.", "Кол-во"), (f"Разработка грунта, участок {number}", "м3", number * 7))
            write_xlsx(stem.with_suffix(".xlsx"), {"Смета": rows})
        case _:
            write_pdf(stem.with_suffix(".pdf"), [f"Method statement {number}\nConcrete is cured for {number} days."])


def _corpus(folder: Path) -> None:
    """Write 70 documents, 18 that are others' doubles, 11 that can't be read, and one that is no document."""
    for number in range(70):
        _good(folder, number)
    for number in range(12):
        source = next(folder.glob(f"{number:02d}.*"))
        (folder / f"copy {number}{source.suffix}").write_bytes(source.read_bytes())
    for number in range(6):
        text = f"{number} Кладку ведут с перевязкой швов, толщина шва {number + 8} мм.\n"
        (folder / f"x{number}.txt").write_text(text, "utf-8")
        (folder / f"y{number}.txt").write_bytes(text.encode("cp1251"))
    for number in range(6):
        next(folder.glob(f"{64 + number:02d}.*")).unlink()
    (folder / "z-empty.txt").write_bytes(b"")
    (folder / "z-blank.txt").write_bytes(b" \n" * 50)
    (folder / "z-garbage.pdf").write_bytes(b"%PDF-1.7\n" + b"\x00\xff" * 500)
    (folder / "z-cut.docx").write_bytes(next(folder.glob("03.docx")).read_bytes()[:5_000])
    (folder / "z-program.txt").write_bytes(b"\x7fELF" + bytes(500))
    (folder / "z-large.txt").write_text("много слов " * 40_000, "utf-8")
    (folder / "z-loop.md").symlink_to(folder / "z-loop.md")
    (folder / "z-gone.md").symlink_to(folder / "nothing")
    write_pdf(folder / "z-secret.pdf", ["secret text that nobody can read"], password="known to nobody")
    write_zip(folder / "z-bomb.docx", {"word/document.xml": b"0" * 30_000_000, "[Content_Types].xml": b"<Types/>"})
    write_zip(folder / "z-archive.docx", {"a.txt": b"text"})
    (folder / "z-table.csv").write_text("a;b\n", "utf-8")


@pytest.fixture
def few(tmp_path: Path) -> TrainerOptions:
    """A trainer's options, and a document of each format."""
    made = within(tmp_path)
    for number in range(6):
        _good(tmp_path / "in", number)
    return made


@pytest.fixture
def options(tmp_path: Path) -> TrainerOptions:
    """A trainer's options, and the corpus."""
    made = within(tmp_path, limits=Limits(file_bytes=400_000, unpacked_bytes=4_000_000))
    _corpus(tmp_path / "in")
    return made


def _content(options: TrainerOptions) -> list[Any]:
    """Return all that is in the library, but for when and by which job."""
    with closing(SqliteLibrary(Path(options.library))) as library:
        documents = library.documents()
        words = terms("бетонную concrete грунта excavation ведут швов участке cured")
        ids = sorted(hit.id for hit in library.matching(words, 10_000))
        chunks = [(without_time(stored.document), stored.chunk) for stored in library.chunks(ids)]
        return [*map(without_time, documents), *chunks]


def test_a_hundred_files_add_up(options: TrainerOptions) -> None:
    """Each file has one end; updates are in order; the second run finds everything there, and changes nothing."""
    updates: list[StageUpdate] = []
    heard: list[tuple[str, str, int]] = []
    with BldrRAGTrainer.from_options(options) as trainer:
        trainer.observe(updates.append)
        trainer.set_websocket_callback(lambda *line: heard.append(line))
        report = trainer.train()
        assert trainer.query(Question(text="сколько слоёв бетонной смеси на участке 12", limit=3)).passages
        before = _content(options)
        again = trainer.train()
    outcomes = Counter(file.outcome for file in report.files)
    assert len(report.files) == 100
    assert outcomes == {"trained": 70, "skipped": 19, "failed": 11}
    assert (report.trained, report.skipped, report.failed, report.state) == (70, 19, 11, "completed")
    reasons = {file.name: file.reason for file in report.files if file.outcome == "failed"}
    assert set(reasons) == {path.name for path in Path(options.base_dir).glob("z-*") if path.suffix != ".csv"}
    assert "fault" not in reasons.values()
    assert (again.trained, again.skipped, again.failed) == (0, 89, 11)
    assert _content(options) == before
    with closing(SqliteLibrary(Path(options.library))) as library:
        documents = library.documents()
        assert len(documents) == 70
        assert sum(document.chunks for document in documents) == report.chunks
    _check_updates([update for update in updates if update.job_id == report.job_id])
    assert [stage for stage, _, _ in heard if stage in ("complete", "error")] == ["complete", "complete"]


def _check_updates(updates: list[StageUpdate]) -> None:
    assert [update.seq for update in updates] == list(range(1, len(updates) + 1))
    overall = [update.overall_progress for update in updates]
    assert overall == sorted(overall)
    assert [update.stage for update in updates if update.overall_progress == 100] == ["complete"]
    by_file: dict[str, list[StageUpdate]] = {}
    for update in updates:
        if update.file is not None:
            by_file.setdefault(update.file, []).append(update)
    assert len(by_file) == 100
    for told in by_file.values():
        progress = [update.progress for update in told]
        assert progress == sorted(progress)
        done = [update.stage_index for update in told if update.status == "done"]
        assert done == list(range(1, len(done) + 1))
        assert progress[-1] == 100 or told[-1].status in ("skipped", "failed")
        assert all(update.progress == percent(update.stage_index or 0) for update in told if update.status == "done")


_KILLED = """
import os, sys
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.trainer import BldrRAGTrainer
options, stage, name = TrainerOptions.model_validate_json(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
def die(update):
    if (update.file, update.stage_index, update.status) == (name, stage, "started"):
        os.kill(os.getpid(), 9)
trainer = BldrRAGTrainer.from_options(options)
trainer.observe(die)
trainer.train(["00.md", "01.txt", "02.html", "03.docx"])
"""


@pytest.mark.parametrize("stage", [3, 14])
def test_a_killed_training_goes_on(few: TrainerOptions, tmp_path: Path, stage: int) -> None:
    """With real stages: text and vectors come back out of the journal, and the library is as if nothing had been."""
    files = ["00.md", "01.txt", "02.html", "03.docx"]
    calm = few.model_copy(update={key: str(tmp_path / "calm" / key) for key in ("library", "graph", "journal")})
    with BldrRAGTrainer.from_options(calm) as trainer:
        trainer.train(files)
    command = [sys.executable, "-c", _KILLED, few.model_dump_json(), str(stage), "02.html"]
    result = subprocess.run(command, capture_output=True, timeout=100, check=False)
    assert result.returncode == -9, result.stderr
    with BldrRAGTrainer.from_options(few) as trainer:
        report = trainer.train(files)
    assert (report.state, report.trained) == ("completed", 4)
    # The observer is told while the stage may have begun already, and even ended.
    assert [file.resumed for file in report.files][:2] == [0, 0]
    assert report.files[2].resumed in (stage - 1, stage)
    assert report.files[3].resumed == 0
    assert _content(few) == _content(calm)


def test_the_command_goes_on_after_an_interruption(options: TrainerOptions, tmp_path: Path) -> None:
    """Ctrl+C ends `tocsin train` between stages, with 130; the same command does the rest. Then the library is one
    file, which can be copied."""
    library = tmp_path / "cli" / "library.sqlite"
    (Path(options.base_dir) / "z-large.txt").unlink()  # the command has the limits of a hub, which this is within
    command = [sys.executable, "-m", "hub.cli", "train", options.base_dir, "--library", str(library), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        updates = []
        for line in first.stdout:
            updates.append(json.loads(line))
            if [updates[-1].get(key) for key in ("file_index", "stage_index", "status")] == [5, 1, "started"]:
                first.send_signal(2)
        words = first.stderr.read() if first.stderr else ""
    assert first.returncode == 130
    assert (updates[-1]["stage"], updates[-1]["status"]) == ("error", "cancelled")
    assert "the same command" in words
    second = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert second.returncode == 0, second.stderr
    later = [json.loads(line) for line in second.stdout.splitlines()]
    assert later[0]["job_id"] == updates[0]["job_id"]
    assert later[0]["seq"] > updates[-1]["seq"]
    assert "done by an earlier run" in later[0]["log"]
    assert later[-1]["trained"] == 70
    assert {path.name for path in library.parent.glob("library.sqlite*")} <= {"library.sqlite", "library.sqlite.lock"}
