"""What is made on demand, and what is said when it can't be."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import workshop as subject
from benchmarks.workshop import Absent, Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path, lambda line: None)


@pytest.fixture
def empty_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))


@pytest.mark.usefixtures("empty_path")
def test_without_a_compiler_nothing_is_compiled(workshop: Workshop) -> None:
    with pytest.raises(Absent, match="no C compiler"):
        workshop.program("loadgen")


@pytest.mark.usefixtures("empty_path")
def test_without_node_there_are_no_node_peers(workshop: Workshop) -> None:
    with pytest.raises(Absent, match="no node on PATH"):
        workshop.node()


@pytest.mark.usefixtures("empty_path")
def test_a_tool_that_is_not_on_path_is_named(workshop: Workshop) -> None:
    with pytest.raises(Absent, match="no nginx on PATH"):
        workshop.tool("nginx")


def test_a_failure_is_remembered(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def fail(argv: list[str], what: str, cwd: Path = subject.ROOT) -> str:
        tries.append(what)
        raise Absent(f"{what} failed")

    monkeypatch.setattr(subject, "_execute", fail)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    for _ in range(2):
        with pytest.raises(Absent, match=r"compiling loadgen\.c failed"):
            workshop.program("loadgen")
    assert tries == ["compiling loadgen.c"]


def test_the_last_line_of_a_failing_tool_is_the_reason(workshop: Workshop, tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\necho first >&2\necho the reason >&2\nexit 3\n")
    tool.chmod(0o755)
    with pytest.raises(Absent, match="the reason"):
        workshop.program_version(str(tool), "-v")


def test_a_version_is_the_last_word_of_the_first_line(workshop: Workshop, tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\necho tool version: tool/1.2.3 >&2\n")
    tool.chmod(0o755)
    assert workshop.program_version(str(tool), "-v") == "1.2.3"
