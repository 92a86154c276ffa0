"""Radon, the real one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from integrations.code_analysis.linter import LinterFailed
from integrations.code_analysis.linters.radon import Radon
from tests.unit.integrations.code_analysis.linters.reading import pretend, read, real


def branching(name: str, branches: int, indent: str = "") -> str:
    lines = [f"{indent}def {name}(x):", *(f"{indent}    if x == {n}: return {n}" for n in range(branches))]
    return "\n".join(lines) + "\n"


async def test_complexity_is_measured() -> None:
    """With its rank as severity; what is simple is no finding, and a method is found once."""
    code = branching("plain", 3) + branching("c", 12) + branching("d", 25) + branching("f", 45)
    method = "class K:\n" + branching("m", 12, "    ")
    found = await read(real("radon"), {"a.py": code, "b.py": method})
    of_a = [(each.severity, each.message.split(":")[0]) for each in found if each.path == "a.py" and each.line]
    assert of_a == [("info", "function c"), ("warning", "function d"), ("error", "function f")]
    assert [each.message for each in found if each.path == "b.py" and each.line] == [
        "method m: cyclomatic complexity 13, rank C"
    ]


async def test_maintainability_is_measured() -> None:
    """A file that is long and winding."""
    code = "".join(
        f"def f{n}(a, b, c):\n    return (a + b * c - {n}) if a > b and b < c or c == {n} else (a % b)\n"
        for n in range(150)
    )
    (found,) = await read(real("radon"), {"a.py": code})
    assert (found.rule, found.severity, found.line) == ("maintainability", "warning", 0)


async def test_broken_code_is_said() -> None:
    """It is a finding, and the other files are measured."""
    found = await read(real("radon"), {"a.py": "def f(:\n", "b.py": branching("c", 12)})
    assert [(each.path, each.rule) for each in found] == [("a.py", "not-parsed"), ("b.py", "complexity")]


@pytest.mark.parametrize("output", ["[]", '{"/nope": []}', "5"])
async def test_another_output_is_refused(tmp_path: Path, output: str) -> None:
    """A newer Radon may print something else."""
    linter = real("radon")
    assert isinstance(linter, Radon)
    with pytest.raises(LinterFailed, match=r"something else|not given"):
        await read(replace(linter, tool=replace(linter.tool, program=pretend(tmp_path, output))), {"a.py": ""})
