"""What `tocsin train` shows."""

from __future__ import annotations

import io
import json
import re

import pytest

from channels.messages.training import StageUpdate
from hub.cli.terminal import Colour, Terminal
from hub.cli.train_view import Bars, JsonLines, Lines, lines_of
from integrations.rag_trainer.progress import Progress
from integrations.rag_trainer.reports import TrainingReport


def _updates() -> list[StageUpdate]:
    progress = Progress("j")
    made = [progress.begun(3, 0, "3 files")]
    progress.file("a\x1b[2J.md", 1)
    for number in range(1, 15):
        made += [progress.started(number, "stage"), progress.done(number, "stage", f"log {number}", 1.0)]
    progress.file_done()
    progress.file("b.md", 2)
    made += [progress.started(1, "stage"), progress.failed(1, "stage", "empty", "no text", 1.0)]
    progress.file("c.md", 3)
    made += [progress.started(1, "stage"), progress.skipped(1, "stage", "duplicate", "is a.md", 1.0)]
    return [*made, progress.ended(TrainingReport(job_id="j", state="completed", text="over"))]


class Tty(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_a_line_for_each_file() -> None:
    """Marked by what became of it; nothing in it steers a terminal."""
    out = io.StringIO()
    with Lines(Terminal(out, io.StringIO())) as lines:
        for update in _updates():
            lines.update(update)
    assert out.getvalue().splitlines() == [
        "3 files",
        "+ 1/3 a [2J.md: log 14",
        "! 2/3 b.md: stage failed: no text",
        "= 3/3 c.md: is a.md",
    ]


def test_programs_get_every_update() -> None:
    """As JSON, one a line, without what is absent."""
    out = io.StringIO()
    with JsonLines(Terminal(out, io.StringIO())) as lines:
        for update in _updates():
            lines.update(update)
    read = [StageUpdate.model_validate_json(line) for line in out.getvalue().splitlines()]
    assert read == _updates()
    assert "reason" not in json.loads(out.getvalue().splitlines()[0])


def test_people_get_bars_and_the_lines_above_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file with its stage, and the job."""
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    out = Tty()
    terminal = Terminal(out, io.StringIO(), interactive=True, colour_out=True, colour_err=False)
    with Bars(terminal) as bars:
        for update in _updates()[:10]:
            bars.update(update)
        bars._progress.refresh()
        shown = out.getvalue()
        for update in _updates()[10:]:
            bars.update(update)
        bars.stopping()
    assert "5/14 stage" in shown
    assert "29%" in shown
    assert "3 files" in shown
    assert "+ 1/3 a [2J.md: log 14" in out.getvalue()
    assert "ending after the stage" in out.getvalue()
    assert "\x1b[2J.md" not in out.getvalue()


def _frames(out: io.StringIO) -> list[str]:
    """Return the lines that were shown, finished files and bars, without what steers the terminal."""
    return [line for line in re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out.getvalue())) if line]


@pytest.mark.parametrize("columns", [40, 80])
def test_bars_fit_into_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """Each is one line, with what is needed most: the file, its percentage and its stage."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    out = Tty()
    progress = Progress("j")
    with Bars(Terminal(out, io.StringIO(), interactive=True)) as bars:
        bars.update(progress.begun(12, 0, "12 files"))
        progress.file("folder/" * 20 + "name.md", 1)
        progress.done(12, "save sequences", "saved", 1.0)
        bars.update(progress.started(13, "chunking and embeddings"))
        bars._progress.refresh()
    frames = _frames(out)
    assert max(map(len, frames)) <= columns
    (file,) = {line.rstrip() for line in frames if "name.md" in line and "86%" in line}
    assert ("13/14 chunking and embeddings" if columns == 80 else "13/14") in file
    assert any(line.startswith("12 files") and "7%" in line for line in frames)


def test_a_file_is_never_shown_with_the_stage_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even for the moment between two of them."""
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    out = Tty()
    with Bars(Terminal(out, io.StringIO(), interactive=True)) as bars:
        for update in _updates():
            bars.update(update)
            bars._progress.refresh()
    assert [line for line in _frames(out) if "14/14 stage" in line and " 0%" in line] == []
    assert [line for line in _frames(out) if line.startswith("b.md") and "1/14 stage" in line]


def test_bars_come_to_no_harm_without_a_beginning() -> None:
    """A job that can't begin says its error alone."""
    with Bars(Terminal(Tty(), io.StringIO(), interactive=True)) as bars:
        bars.update(Progress("j").ended(TrainingReport(job_id="j", state="failed", text="no documents")))


@pytest.mark.parametrize("kind", [Lines, JsonLines])
def test_that_it_ends_soon_is_said_beside_the_result(kind: type[Lines] | type[JsonLines]) -> None:
    """On standard error."""
    out, err = io.StringIO(), io.StringIO()
    kind(Terminal(out, err)).stopping()
    assert (out.getvalue(), "Ctrl+C again" in err.getvalue()) == ("", True)


def test_files_are_coloured_by_what_became_of_them() -> None:
    """Stages are not shown line by line."""
    assert [colour for update in _updates() for _, colour in lines_of(update)] == [
        Colour.GREY,
        Colour.GREEN,
        Colour.RED,
        Colour.GREY,
    ]


def test_long_names_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """At their beginning: the end tells more."""
    monkeypatch.setenv("COLUMNS", "150")
    out = Tty()
    progress = Progress("j")
    with Bars(Terminal(out, io.StringIO(), interactive=True)) as bars:
        bars.update(progress.begun(1, 0, "1 files"))
        progress.file("folder/" * 20 + "name.md", 1)
        bars.update(progress.started(1, "stage"))
        bars._progress.refresh()
    assert "...r/folder/folder/folder/folder/name.md" in out.getvalue()
