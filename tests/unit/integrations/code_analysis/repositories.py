"""Git repositories for tests, and doubles of what an analysis works with."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from integrations.code_analysis.finding import Finding, make_finding
from integrations.code_analysis.linter import Exported, LinterAbsent, LinterFailed, Place
from integrations.code_analysis.report import Report
from integrations.code_analysis.store import Store

_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_AUTHOR_DATE": "2026-11-21T10:00:00Z",
    "GIT_COMMITTER_DATE": "2026-11-21T10:00:00Z",
}


def git(folder: Path, *arguments: str) -> str:
    """Run Git; return what it printed."""
    command = ["git", "-C", str(folder), "-c", "protocol.file.allow=always", *arguments]
    done = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def make_repository(folder: Path, files: Mapping[str, str | bytes] | None = None) -> Path:
    """Make a repository; with files also its first commit."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    if files is not None:
        commit(folder, files)
    return folder


def commit(folder: Path, files: Mapping[str, str | bytes | None]) -> str:
    """Write files, delete those that are `None`, and commit everything; return the commit."""
    for name, content in files.items():
        path = folder / name
        if content is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message=change")
    return git(folder, "rev-parse", "HEAD")


class WordLinter:
    """A linter that finds each line with the word `bad`, and keeps what it was asked to read.

    Attributes:
        asked: paths of each run.
        failure: raised by the next runs.
        gate: a run waits until this is set.
        begun: set when a run begins.
    """

    def __init__(self, name: str = "words", suffix: str = ".txt", version: str = "1.0") -> None:
        self.name = name
        self.settings = ""
        self.number = version
        self.suffix = suffix
        self.asked: list[list[str]] = []
        self.places: list[Place] = []
        self.failure: str | None = None
        self.absent: str | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = asyncio.Event()

    async def version(self) -> str:
        if self.absent is not None:
            raise LinterAbsent(self.absent)
        return self.number

    def takes(self, path: str) -> bool:
        return path.endswith(self.suffix)

    async def run(self, files: Sequence[Exported], place: Place) -> list[Finding]:
        self.asked.append([file.path for file in files])
        self.places.append(place)
        self.begun.set()
        await self.gate.wait()
        if self.failure is not None:
            raise LinterFailed(self.failure)
        return [
            make_finding(self.name, "word", "warning", file.path, number, 1, f"bad word in: {line}")
            for file in files
            for number, line in enumerate(file.location.read_text(errors="replace").splitlines(), start=1)
            if "bad" in line
        ]


class Notes:
    """A watcher that writes down what it is told."""

    def __init__(self) -> None:
        self.starts: list[tuple[str, int]] = []
        self.steps: list[tuple[int, int, str | None]] = []
        self.findings: list[tuple[Finding, bool | None]] = []

    def started(self, report: Report) -> None:
        self.starts.append((report.commit, report.files))

    def progressed(self, report: Report, linter: str | None) -> None:
        self.steps.append((report.done, report.files, linter))

    def found(self, _report: Report, finding: Finding, is_new: bool | None) -> None:
        self.findings.append((finding, is_new))


class Ticks:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def make_store(folder: Path | None = None, *, entries: int = 1000, size: int = 1 << 20) -> Store:
    """A store whose clock stands still."""
    return Store(folder, entries=entries, size=size, now=lambda: 1.0)
