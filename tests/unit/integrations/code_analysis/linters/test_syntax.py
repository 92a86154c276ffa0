"""Syntax checks, in a process of their own."""

from __future__ import annotations

import platform
from dataclasses import replace
from pathlib import Path

import pytest

from integrations.code_analysis.linter import LinterFailed
from integrations.code_analysis.linters.syntax import Syntax
from tests.unit.integrations.code_analysis.linters.reading import pretend, read, real


async def test_broken_files_are_errors() -> None:
    """Of all three languages, at once."""
    files: dict[str, str | bytes] = {
        "a.json": "{",
        "b.toml": "x = = 1\n",
        "c.xml": "<a>",
        "d.json": "{}",
        "e.json": b"\xff",
    }
    found = await read(real("syntax"), files)
    assert [(each.path, each.rule, each.severity) for each in found] == [
        ("a.json", "json", "error"),
        ("b.toml", "toml", "error"),
        ("c.xml", "xml", "error"),
        ("e.json", "encoding", "warning"),
    ]


async def test_its_version_is_pythons() -> None:
    """The parsers are its own."""
    assert await real("syntax").version() == platform.python_version()


@pytest.mark.parametrize(
    "path", ["tsconfig.json", "a/tsconfig.build.json", ".vscode/settings.json", "a.py", "jsconfig.json"]
)
def test_json_with_comments_is_left_alone(path: str) -> None:
    """Some files are known to have them."""
    assert not real("syntax").takes(path)
    assert real("syntax").takes("package.json")


@pytest.mark.parametrize("output", ["[5]", '{"/nope": ["r", 1, 1, "m"]}', "5"])
async def test_another_output_is_refused(tmp_path: Path, output: str) -> None:
    """Whatever came in between."""
    linter = real("syntax")
    assert isinstance(linter, Syntax)
    with pytest.raises(LinterFailed):
        await read(replace(linter, tool=replace(linter.tool, program=pretend(tmp_path, output))), {"a.json": ""})
