"""Yamllint, the real one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from integrations.code_analysis.linter import LinterFailed
from integrations.code_analysis.linters.tool import find_tool
from integrations.code_analysis.linters.yaml_files import YamlLint
from tests.unit.integrations.code_analysis.linters.reading import pretend, read, real

needed = pytest.mark.skipif(find_tool("yamllint") is None, reason="yamllint is not installed")


@needed
async def test_mistakes_are_found() -> None:
    """Broken YAML and double keys are errors, the rest is milder; long lines are nothing."""
    files = {"a.yml": "a: 1\na: 2\n", "b.yaml": "a: [1\n", "c.yml": "a:   1\n", "d.yml": f"a: {'x' * 300}\n"}
    found = await read(real("yamllint"), files)
    assert [(each.path, each.rule, each.severity) for each in found] == [
        ("a.yml", "key-duplicates", "error"),
        ("b.yaml", "syntax", "error"),
        ("c.yml", "colons", "info"),
    ]


@needed
async def test_a_repository_configures_only_where_it_may() -> None:
    """By .yamllint."""
    files = {"a.yml": "a:   1\n", ".yamllint": "rules: {colons: {max-spaces-after: 9}}\n"}
    assert len(await read(real("yamllint"), files)) == 1
    assert await read(real("yamllint"), files, own=True) == []


@needed
async def test_a_bomb_does_no_harm() -> None:
    """Nothing is expanded."""
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]
    assert await read(real("yamllint"), {"bomb.yml": "\n".join(lines) + "\n"}) == []


async def test_another_output_is_refused(tmp_path: Path) -> None:
    """A newer yamllint may print something else."""
    linter = real("yamllint")
    assert isinstance(linter, YamlLint)
    with pytest.raises(LinterFailed, match="printed something else"):
        await read(replace(linter, tool=replace(linter.tool, program=pretend(tmp_path, "hello"))), {"a.yml": ""})
