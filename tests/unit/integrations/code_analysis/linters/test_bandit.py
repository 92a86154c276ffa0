"""Bandit, the real one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from integrations.code_analysis.linter import LinterFailed
from integrations.code_analysis.linters.bandit import Bandit
from tests.unit.integrations.code_analysis.linters.reading import pretend, read, real


async def test_what_an_attacker_looks_for_is_found() -> None:
    """High, medium and low become error, warning and info; `assert` is nothing."""
    code = "import subprocess\nsubprocess.call('ls ' + input(), shell=True)\nexec(input())\nassert True\n"
    found = await read(real("bandit"), {"a.py": code})
    assert [(each.rule, each.severity, each.line) for each in found] == [
        ("B404", "info", 1),
        ("B602", "error", 2),
        ("B102", "warning", 3),
    ]


async def test_a_password_is_not_passed_on() -> None:
    """Bandit quotes it; nobody else is to read it."""
    found = await read(real("bandit"), {"a.py": 'password = "hunter2 is \'secret\'"\nf(token="hunter3")\n'})
    assert [each.rule for each in found] == ["B105", "B106"]
    assert not any("hunter" in each.message for each in found)
    assert found[0].message == "Possible hardcoded password: '***'"


async def test_broken_code_is_said() -> None:
    """It is a finding, and the other files are read."""
    found = await read(real("bandit"), {"a.py": "def f(:\n", "b.py": "exec(x)\n"})
    assert [(each.path, each.rule) for each in found] == [("a.py", "not-parsed"), ("b.py", "B102")]


async def test_hidden_folders_are_read() -> None:
    """Bandit by itself leaves out every path with `.git` in it."""
    files = {".github/a.py": "exec(x)\n", "x.git/b.py": "exec(x)\n"}
    assert len(await read(real("bandit"), files)) == 2
    assert len(await read(real("bandit"), files, own=True)) == 2


async def test_a_repository_configures_only_where_it_may() -> None:
    """By [tool.bandit]; a pyproject.toml without it is no configuration."""
    files = {
        "a.py": "exec(x)\n",
        "pyproject.toml": '[tool.bandit]\nskips = ["B102"]\n',
        ".bandit": "[bandit]\nskips = B102\n",
    }
    assert len(await read(real("bandit"), files)) == 1
    assert await read(real("bandit"), files, own=True) == []
    assert len(await read(real("bandit"), {"a.py": "exec(x)\n", "pyproject.toml": "[project]\n"}, own=True)) == 1
    assert len(await read(real("bandit"), {"a.py": "exec(x)\n", "pyproject.toml": "broken ["}, own=True)) == 1


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("[]", "printed something else"),
        ('{"results": [{}], "errors": [], "metrics": {}}', "printed something else"),
        ('{"results": [], "errors": [], "metrics": {}}', "left out 1 files, such as a.py"),
    ],
)
async def test_another_output_is_refused(tmp_path: Path, output: str, words: str) -> None:
    """Also one in which a file is missing."""
    linter = real("bandit")
    assert isinstance(linter, Bandit)
    with pytest.raises(LinterFailed, match=words):
        await read(replace(linter, tool=replace(linter.tool, program=pretend(tmp_path, output))), {"a.py": ""})
