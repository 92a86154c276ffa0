"""`tocsin train` as people see it: on a real terminal, interrupted, and beside another one."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from integrations.rag_trainer.lock import WriterLock
from integrations.rag_trainer.trainer import BldrRAGTrainer
from tests.rag_documents import DOCUMENT_EN, DOCUMENT_RU, write_md, write_pdf

pytestmark = pytest.mark.timeout(180)

_SHOW_CURSOR = "\x1b[?25h"


class TerminalRun:
    """`tocsin train` on a terminal of so many columns."""

    def __init__(self, columns: int, folder: Path, library: Path) -> None:
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        command = [sys.executable, "-m", "hub.cli", "train", str(folder), "--library", str(library)]
        environment = {**kept, "TERM": "xterm-256color"}
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment)
        os.close(slave)
        self.shown = ""

    def until(self, pattern: str, seconds: float = 60.0) -> None:
        """Read what it shows until that is there."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.shown):
            assert time.monotonic() < deadline, self.shown[-2_000:]
            assert self._read(), self.shown[-2_000:]

    def end(self) -> int:
        """Read to the end; return the exit code."""
        while self._read():
            pass
        os.close(self._master)
        return self.process.wait(30)

    def lines(self) -> list[str]:
        """Return what was shown, line by line, without what steers the terminal."""
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.shown)
        return [line.rstrip() for line in re.split(r"[\r\n]+", plain) if line.strip()]

    def _read(self) -> bool:
        if not select.select([self._master], [], [], 60.0)[0]:
            return False
        try:
            got = os.read(self._master, 65_536)
        except OSError:  # its other end is closed
            return False
        self.shown += got.decode(errors="replace")
        return bool(got)


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A folder with three documents, and one that can't be read."""
    folder = tmp_path / "docs"
    folder.mkdir()
    write_md(folder / "a.md", DOCUMENT_EN)
    write_md(folder / "b-a-name-without-an-end.md", DOCUMENT_RU)
    write_pdf(folder / "c.pdf", ["secret"], password="known to nobody")
    return folder


def test_a_narrow_terminal_has_all_that_is_needed(documents: Path, tmp_path: Path) -> None:
    """Lines of files, bars of one line each; in the end the sum, and a terminal as it was."""
    run = TerminalRun(40, documents, tmp_path / "lib" / "l.sqlite")
    assert run.end() == 0
    lines = run.lines()
    assert next(line for line in lines if line.startswith(("+ ", "! ", "= "))).startswith("+ 1/3 a.md: ")
    bars = [line for line in lines if re.search(r"\d+%", line)]
    assert max(map(len, bars)) <= 40
    assert any(re.search(r"^\.\.\.-an-end\.md \S+ +\d+% \d+/14$", line) for line in bars), bars
    assert lines[-2].startswith("complete: 2 trained, 0 skipped, 1 failed; ")
    assert lines[-1].startswith("the library is /")
    assert _SHOW_CURSOR in run.shown


def test_ctrl_c_ends_after_the_stage_and_twice_at_once(documents: Path, tmp_path: Path) -> None:
    """What was finished counts: the same command does the rest, and says so."""
    library = tmp_path / "lib" / "l.sqlite"
    (documents / "d.txt").write_text("\n".join(f"{n} Кладку ведут с перевязкой швов." * 8 for n in range(600)), "utf-8")
    run = TerminalRun(80, documents, library)
    run.until(r"d\.txt .*13/14 chunking")
    run.process.send_signal(signal.SIGINT)
    run.until("ending after the stage that is at work; Ctrl\\+C again ends it at once")
    begun = time.monotonic()
    run.process.send_signal(signal.SIGINT)
    assert run.end() == 130
    assert time.monotonic() - begun < 10.0
    assert "ended in the middle of a stage; the same command goes on" in run.shown
    assert _SHOW_CURSOR in run.shown
    (documents / "d.txt").unlink()
    command = [sys.executable, "-m", "hub.cli", "train", str(documents), "--library", str(library), "--strict"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert (result.returncode, result.stderr) == (5, f"the library is {library}\n")
    first, *files, last = result.stdout.splitlines()
    assert first.startswith("3 files, 2 done by an earlier run; ")
    assert [file[:11] for file in files] == ["! 3/3 c.pdf"]
    assert last.startswith("complete: 2 trained, 0 skipped, 1 failed; ")


def test_a_library_that_another_one_writes_to_is_left_alone(documents: Path, tmp_path: Path) -> None:
    """The message names who, and what to do; in JSON nothing is on standard output."""
    library = tmp_path / "lib" / "l.sqlite"
    command = [sys.executable, "-m", "hub.cli", "train", str(documents), "--library", str(library), "--json"]
    with WriterLock(library):
        result = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        f"{library}: another trainer writes to it (process {os.getpid()}); wait until it has ended, or stop it, or "
        "give this one a library of its own\n"
    )
    assert not library.exists()


def test_a_folder_without_documents_is_named(documents: Path, tmp_path: Path) -> None:
    """The one that was given, not the one where the hub's documents are."""
    (tmp_path / "empty").mkdir()
    with BldrRAGTrainer(documents, reports_dir=tmp_path / "reports") as trainer:
        report = trainer.train([tmp_path / "empty"])
        assert report.text.startswith(f"expected documents in {tmp_path / 'empty'}; there are none: put in files that")
        assert trainer.train([]).text.startswith("expected documents in an empty list; there are none")
