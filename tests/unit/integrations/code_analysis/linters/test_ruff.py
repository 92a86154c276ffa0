"""Ruff, the real one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from integrations.code_analysis.linter import LinterFailed
from integrations.code_analysis.linters.ruff import Ruff, severity_of
from tests.unit.integrations.code_analysis.linters.reading import pretend, read, real

CODE = "import os\n\n\ndef f(items=[]):\n    return undefined\n"


async def test_mistakes_are_found() -> None:
    """By rule, place and severity, in a name that is hard to pass on."""
    found = await read(real("ruff"), {"-größe\n.py": CODE})
    assert [(each.rule, each.severity, each.line) for each in found] == [
        ("F401", "warning", 1),
        ("B006", "warning", 4),
        ("F821", "error", 5),
    ]
    assert {each.path for each in found} == {"-größe\\n.py"}


async def test_broken_code_is_an_error() -> None:
    """And does not keep the other files from being read."""
    found = await read(real("ruff"), {"a.py": "def f(:\n", "b.py": "import os\n"})
    assert ("a.py", "error") in {(each.path, each.severity) for each in found}
    assert ("b.py", "F401") in {(each.path, each.rule) for each in found}


async def test_a_repository_configures_nothing() -> None:
    """Unless that is asked for."""
    files = {"a.py": "import os\n", "pyproject.toml": '[tool.ruff.lint]\nselect = ["E501"]\n', "ruff.toml": "broken ["}
    assert [each.rule for each in await read(real("ruff"), files)] == ["F401"]


async def test_a_repository_configures_where_it_may() -> None:
    """Then a configuration that can't be read is a failure, said in words."""
    own = {"pyproject.toml": '[tool.ruff.lint]\nselect = ["E501"]\n', "a.py": "import os\nx = 1  # " + "x" * 99 + "\n"}
    assert [each.rule for each in await read(real("ruff"), own, own=True)] == ["E501"]
    with pytest.raises(LinterFailed, match="ruff: exit code 2"):
        await read(real("ruff"), {"a.py": "", "ruff.toml": "broken ["}, own=True)


async def test_a_file_says_what_it_says_alone() -> None:
    """Other files beside it change nothing, so that what is found in it can be kept."""
    alone = await read(real("ruff"), {"pkg/a.py": "import os\nimport pkg.b\n"})
    together = await read(
        real("ruff"), {"pkg/a.py": "import os\nimport pkg.b\n", "pkg/b.py": "", "pkg/__init__.py": ""}
    )
    assert [each for each in together if each.path == "pkg/a.py"] == alone


@pytest.mark.parametrize("output", ['{"a": 1}', "[5]", '[{"code": "F401"}]', '[{"code": 5, "location": {}}]'])
async def test_another_output_is_refused(tmp_path: Path, output: str) -> None:
    """A newer Ruff may print something else."""
    linter = real("ruff")
    assert isinstance(linter, Ruff)
    with pytest.raises(LinterFailed, match="printed something else"):
        await read(replace(linter, tool=replace(linter.tool, program=pretend(tmp_path, output))), {"a.py": ""})


@pytest.mark.parametrize(
    ("rule", "severity"),
    [
        *((rule, "error") for rule in ("E999", "F821", "invalid-syntax", "PLE0101")),
        *((rule, "warning") for rule in ("F401", "B006", "ASYNC109")),
        *((rule, "info") for rule in ("UP007", "E402", "FBT001")),
    ],
)
def test_rules_have_severities(rule: str, severity: str) -> None:
    """Ruff itself knows only errors."""
    assert severity_of(rule) == severity
