"""Files that nobody would wish for, in one folder: each has its own end, by name, and the others are trained."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from unicodedata import normalize

import pytest

from integrations.rag_trainer.assembly import Assembly, assemble
from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.pipeline import AnyStage
from integrations.rag_trainer.report_files import read_report
from integrations.rag_trainer.reports import FileReport, TrainingReport
from integrations.rag_trainer.results import Result
from integrations.rag_trainer.trainer import BldrRAGTrainer
from tests.rag_documents import DOCUMENT_EN, as_text, pdf_bytes, write_docx, write_md, write_pdf, write_zip
from tests.rag_engine import within
from tests.rag_kills import Plan, SmallModel, Trainings

pytestmark = pytest.mark.timeout(60)

_LONG = "д" * 125 + ".md"
"""As long as a name can be on this system: 253 bytes."""
_TEXT = "Кладку ведут с перевязкой швов. Толщина шва {} мм. Раствор готовят на месте работ."

EXPECTED: dict[str, tuple[str, str | None]] = {
    "a-empty.md": ("failed", "empty"),
    "a-blank.txt": ("failed", "no_text"),
    "a-sparse.pdf": ("failed", "too_large"),
    "a-secret.pdf": ("failed", "encrypted"),
    "a-bomb.docx": ("failed", "zip_bomb"),
    "a-bomb.xlsx": ("failed", "zip_bomb"),
    "a-cut.docx": ("failed", "corrupt"),
    "a-loop.md": ("failed", "symlink_loop"),
    "a-gone.md": ("failed", "missing"),
    "a-round": ("skipped", "link"),
    "a-pipe.md": ("skipped", "not_a_file"),
    "a-program.txt": ("failed", "unsupported"),
    "a-mixed.txt": ("failed", "mixed_encodings"),
    "a-two-\\udcff.md": ("failed", "bad_name"),
    "a-e\u0301.md": ("failed", "same_name"),
    "a-\u00e9.md": ("trained", None),
    "a-folder.pdf/inside.md": ("trained", None),
    "a-pdf.txt": ("trained", None),
    "a-text.pdf": ("trained", None),
    "a-line\nbreak.md": ("trained", None),
    "a-\U0001f3d7\u200d.md": ("trained", None),
    "a-\x1b[2J.md": ("trained", None),
    _LONG: ("trained", None),
    "z-cp1251.txt": ("trained", None),
    "z-koi8-r.txt": ("trained", None),
    "z-utf-16.txt": ("trained", None),
    "z-utf-16-le.txt": ("trained", None),
}


def _corpus(folder: Path) -> None:
    def text(name: str, number: int) -> None:
        (folder / name).write_text(_TEXT.format(number), "utf-8")

    (folder / "a-empty.md").write_bytes(b"")
    (folder / "a-blank.txt").write_bytes(b" \n" * 50)
    (folder / "a-sparse.pdf").write_bytes(b"%PDF-1.7\n")
    os.truncate(folder / "a-sparse.pdf", 500 << 20)
    write_pdf(folder / "a-secret.pdf", ["secret text that nobody can read"], password="known to nobody")
    body = b"<w:document>" + b" " * 30_000_000 + b"</w:document>"
    write_zip(folder / "a-bomb.docx", {"[Content_Types].xml": b"<Types/>", "word/document.xml": body})
    parts = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": body}
    write_zip(folder / "a-bomb.xlsx", parts)
    write_docx(folder / "a-cut.docx", DOCUMENT_EN)
    os.truncate(folder / "a-cut.docx", 5_000)
    (folder / "a-loop.md").symlink_to(folder / "a-loop.md")
    (folder / "a-gone.md").symlink_to(folder / "nothing")
    (folder / "a-round").symlink_to(folder)
    os.mkfifo(folder / "a-pipe.md")
    (folder / "a-program.txt").write_bytes(b"\x7fELF" + bytes(500))
    lines = [_TEXT.format(number).encode("utf-8" if number % 2 else "cp1251") for number in range(40)]
    (folder / "a-mixed.txt").write_bytes(b"\n".join(lines))
    Path(os.fsdecode(os.fsencode(folder) + b"/a-two-\xff.md")).write_text(_TEXT.format(1), "utf-8")
    text("a-\u00e9.md", 2)
    text("a-e\u0301.md", 3)
    (folder / "a-folder.pdf").mkdir()
    text("a-folder.pdf/inside.md", 4)
    (folder / "a-pdf.txt").write_bytes(pdf_bytes(["Masonry is laid with staggered joints, ten millimetres thick."]))
    text("a-text.pdf", 5)
    for number, name in enumerate(("a-line\nbreak.md", "a-\U0001f3d7\u200d.md", "a-\x1b[2J.md", _LONG), start=6):
        text(name, number)
    for number, encoding in enumerate(("cp1251", "koi8-r", "utf-16", "utf-16-le"), start=20):
        long = "\n".join(_TEXT.format(number * 100 + line) for line in range(5))
        (folder / f"z-{encoding}.txt").write_bytes(long.encode(encoding))


@dataclass(frozen=True)
class Trained:
    """What the training of the corpus was."""

    options: TrainerOptions
    report: TrainingReport
    heard: list[tuple[str, str, int]]
    read: int
    seconds: float


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The corpus, trained with the real stages and stores."""
    options = within(tmp_path_factory.mktemp("bad"), limits=Limits(unpacked_bytes=4_000_000))
    _corpus(Path(options.base_dir))
    heard: list[tuple[str, str, int]] = []
    with _trainer(options) as trainer:
        trainer.set_websocket_callback(lambda *line: heard.append(line))
        trainer._opened()
        before, begun = _read_bytes(), time.process_time()
        report = trainer.train()
        return Trained(options, report, heard, _read_bytes() - before, time.process_time() - begun)


def _read_bytes() -> int:
    """Return how many bytes this process has read."""
    return int(Path("/proc/self/io").read_text().split()[1])


def _trainer(
    options: TrainerOptions, before: Callable[[int, Draft], object] = lambda _number, _draft: None
) -> BldrRAGTrainer:
    def assembled(options: TrainerOptions) -> Assembly:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("integrations.rag_trainer.assembly.make_embedder", lambda _options: SmallModel())
            made = assemble(options)
        return replace(made, stages=[Watched(number, stage, before) for number, stage in enumerate(made.stages, 1)])

    return BldrRAGTrainer("", options=options, assembly=assembled)


@dataclass
class Watched:
    """A stage before which something happens (`stage.Stage`)."""

    number: int
    stage: AnyStage
    before: Callable[[int, Draft], object]

    @property
    def name(self) -> str:
        return self.stage.name

    @property
    def result(self) -> type[Result]:
        kind: type[Result] = self.stage.result
        return kind

    def run(self, draft: Draft) -> Result:
        self.before(self.number, draft)
        made: Result = self.stage.run(draft)
        return made


@pytest.mark.parametrize("name", EXPECTED, ids=lambda name: ascii(name)[1:30])
def test_each_file_has_its_own_end(trained: Trained, name: str) -> None:
    """With its reason, in words that say what to do; and what is trained can be found."""
    shown = normalize("NFC", name)
    (file,) = [
        file
        for file in trained.report.files
        if file.name == shown and (file.reason == "same_name") == (EXPECTED[name][1] == "same_name")
    ]
    assert (file.outcome, file.reason) == EXPECTED[name]
    assert (file.text is None) == (file.outcome == "trained")
    assert (file.chunks > 0) == (file.outcome == "trained")


def test_the_job_goes_on_and_adds_up(trained: Trained) -> None:
    """Nothing is missing, nothing is a fault; the report on disk is the same."""
    report = trained.report
    assert len(report.files) == len(EXPECTED)
    assert (report.state, report.trained) == ("completed", 12)
    assert report.trained + report.skipped + report.failed == len(EXPECTED)
    assert [file.name for file in report.files if file.reason == "fault"] == []
    assert read_report(Path(trained.options.reports_dir) / f"{report.job_id}.json") == report
    assert trained.heard[-1][::2] == ("complete", 100)


def test_every_encoding_is_read_as_what_it_is(trained: Trained) -> None:
    """Text in the library is text, whatever the bytes were."""
    with closing(SqliteLibrary(Path(trained.options.library))) as library:
        hits = library.matching(["перевязк"], 100)
        texts = [(stored.document.name, stored.chunk.text) for stored in library.chunks([hit.id for hit in hits])]
    for number, encoding in enumerate(("cp1251", "koi8-r", "utf-16", "utf-16-le"), start=20):
        joined = " ".join(text for name, text in texts if name == f"z-{encoding}.txt")
        assert f"Толщина шва {number * 100} мм" in joined, encoding


def test_half_a_gigabyte_is_not_read(trained: Trained) -> None:
    """Its size is enough to refuse it; all files together take seconds."""
    assert trained.read < 50_000_000
    assert trained.seconds < 20


def test_lines_of_files_with_strange_names_are_lines(trained: Trained) -> None:
    """Nothing in them steers a terminal or a page."""
    assert all(line.isprintable() or "\u200d" in line for _, line, _ in trained.heard)


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "nothing", "null"])
def test_what_is_named_is_tried(tmp_path: Path, kind: str) -> None:
    """Also what a walk leaves out; nothing hangs."""
    options = within(tmp_path)
    os.mkfifo(tmp_path / "in" / "pipe.md")
    (tmp_path / "in" / "folder").mkdir()
    (tmp_path / "in" / "folder" / "a.md").write_text(_TEXT, "utf-8")
    named = {"pipe": "pipe.md", "device": "/dev/zero", "folder": "folder", "nothing": "no.md", "null": "a\0b"}[kind]
    with _trainer(options) as trainer:
        (file,) = trainer.train([named]).files
    reasons = {"pipe": "not_a_file", "device": "not_a_file", "folder": None, "nothing": "missing", "null": "missing"}
    assert file.reason == reasons[kind]


@pytest.mark.parametrize("stage", [1, 2, 3])
@pytest.mark.parametrize("change", ["vanishes", "changes", "becomes a folder", "is emptied"])
def test_a_file_that_does_not_hold_still_is_named(tmp_path: Path, stage: int, change: str) -> None:
    """Between any two stages that read it; the other file is trained. What is indexed is what has its hash."""
    options = within(tmp_path)
    for name in ("a.md", "b.md"):
        write_md(tmp_path / "in" / name, [*DOCUMENT_EN, name])

    def before(number: int, draft: Draft) -> None:
        if number != stage or draft.source.name != "a.md":
            return
        path = draft.source.path
        if change == "changes":
            path.write_text(as_text(["Walls are plastered in two layers, each after the other has dried."]), "utf-8")
        elif change == "is emptied":
            path.write_bytes(b"")
        else:
            path.unlink()
            if change == "becomes a folder":
                path.mkdir()

    with _trainer(options, before) as trainer:
        report = trainer.train()
        file, other = report.files
        assert other.outcome == "trained"
        if change == "changes" and stage < 3:
            assert file.outcome == "trained"
            assert trainer.query("plastered walls").passages[0].document == "a.md"
        else:
            named = {
                "vanishes": "missing",
                "becomes a folder": "directory",
                "is emptied": "empty",
                "changes": "changed",
            }
            assert (file.outcome, file.reason, file.stage) == ("failed", named[change], stage)
            assert trainer.query("excavation").passages[0].document == "b.md"


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user may use."""
    folder = Path(tempfile.mkdtemp(prefix="rag-shared-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def test_what_may_not_be_read_is_named(shared: Path) -> None:
    """A file and a folder without rights. Root may read all, so it is done as another user then."""
    options = within(shared)
    for name in ("a.md", "b.md", "c/d.md"):
        (shared / "in" / name).parent.mkdir(exist_ok=True)
        write_md(shared / "in" / name, [*DOCUMENT_EN, name])
    for path in (shared / "in" / "a.md", shared / "in" / "c"):
        path.chmod(0)
    with Trainings() as trainings:
        report = trainings.run(Plan(options=options, user=0 if os.geteuid() else 65_534)).report
    (shared / "in" / "c").chmod(0o755)
    assert report is not None
    assert {file.name: _end(file) for file in report.files} == {
        "a.md": ("failed", "unreadable"),
        "b.md": ("trained", None),
        "c": ("failed", "unreadable"),
    }


def _end(file: FileReport) -> tuple[str, str | None]:
    return file.outcome, file.reason
