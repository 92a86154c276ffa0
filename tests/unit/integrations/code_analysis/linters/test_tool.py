"""Programs that are linters."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.code_analysis.linter import LinterAbsent, LinterFailed, Place
from integrations.code_analysis.linters.tool import Tool, find_tool, path_of
from integrations.code_analysis.process import Bounds
from tests.unit.integrations.code_analysis.linters.reading import pretend


def tool(program: str | None, seconds: float = 20.0) -> Tool:
    return Tool("checker", program, Bounds(seconds=seconds), frozenset({".py"}))


def test_a_tool_is_found_beside_this_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pip puts it, also without a PATH; otherwise on the PATH."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert Path(find_tool("ruff") or "").name == "ruff"
    assert find_tool("sh") in ("/usr/bin/sh", "/bin/sh")
    assert find_tool("no-such-tool") is None


def test_files_are_taken_by_their_suffix() -> None:
    """In any case of letters."""
    assert tool("x").takes("src/a.py")
    assert tool("x").takes("A.PY")
    assert not tool("x").takes("py")
    assert not tool("x").takes("a.pyx")


async def test_the_version_is_asked(tmp_path: Path) -> None:
    """Of the program itself."""
    assert await tool(pretend(tmp_path, "checker 1.2.3-rc1 (abc)\n")).version() == "1.2.3-rc1"


async def test_an_absent_program_is_named() -> None:
    """With where it was looked for."""
    with pytest.raises(LinterAbsent, match="checker is not installed: neither beside"):
        await tool(None).version()
    with pytest.raises(LinterAbsent):
        await tool(None).execute([], Path("/"), {0})


async def test_a_program_without_a_version_is_refused(tmp_path: Path) -> None:
    """What it finds couldn't be kept under one."""
    with pytest.raises(LinterFailed, match="names no version"):
        await tool(pretend(tmp_path, "hello")).version()


async def test_a_crash_is_told(tmp_path: Path) -> None:
    """Code and the last line of its errors."""
    with pytest.raises(LinterFailed, match="checker: exit code 2: segmentation fault"):
        await tool(pretend(tmp_path, "", code=2, errors="oh\nsegmentation fault")).ask([], Place(tmp_path), {0})


async def test_a_program_that_takes_too_long_is_told(tmp_path: Path) -> None:
    """And ended."""
    program = tmp_path / "slow"
    program.write_text("#!/bin/sh\nsleep 60\n")
    program.chmod(0o755)
    with pytest.raises(LinterFailed, match=r"took longer than 0\.3 s"):
        await tool(str(program), 0.3).ask([], Place(tmp_path), {0})


@pytest.mark.parametrize("output", ["", "not json", '{"a": ', "[" * 100_000])
async def test_what_is_no_json_is_told(tmp_path: Path, output: str) -> None:
    """Half an output is none."""
    with pytest.raises(LinterFailed, match="printed no JSON"):
        await tool(pretend(tmp_path, output)).ask([], Place(tmp_path), {0})


def test_only_given_files_are_spoken_about() -> None:
    """A tool that names another one is not believed."""
    assert path_of({"/x/a.py": "a.py"}, "/x/a.py", "checker") == "a.py"
    with pytest.raises(LinterFailed, match="checker speaks about a file that it was not given"):
        path_of({"/x/a.py": "a.py"}, "/etc/passwd", "checker")
