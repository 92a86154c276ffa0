"""All linters by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from integrations.code_analysis.linter import Linter
from integrations.code_analysis.linters import bandit, radon, ruff, shell, syntax, yaml_files
from integrations.code_analysis.linters.tool import Tool, find_tool
from integrations.code_analysis.process import Bounds

LINTERS: Final = (ruff.NAME, bandit.NAME, radon.NAME, shell.NAME, yaml_files.NAME, syntax.NAME)
"""In the order in which they run."""


def make_linters(
    names: Iterable[str],
    bounds: Bounds,
    *,
    rules: tuple[str, ...] = ruff.RULES,
    find: Callable[[str], str | None] = find_tool,
) -> list[Linter]:
    """Make linters, in the order of `LINTERS`.

    Args:
        bounds: of each of their processes.
        rules: Ruff's.
        find: finds a program.

    Raises:
        ValueError: there is no linter of that name.
    """
    wanted = set(names)
    if unknown := wanted.difference(LINTERS):
        raise ValueError(f"expected linters out of {', '.join(LINTERS)}; came {', '.join(sorted(unknown))}")

    def tool(name: str, suffixes: frozenset[str]) -> Tool:
        return Tool(name, find(name), bounds, suffixes)

    makers: dict[str, Callable[[], Linter]] = {
        ruff.NAME: lambda: ruff.Ruff(tool(ruff.NAME, ruff.SUFFIXES), rules),
        bandit.NAME: lambda: bandit.Bandit(tool(bandit.NAME, bandit.SUFFIXES)),
        radon.NAME: lambda: radon.Radon(tool(radon.NAME, radon.SUFFIXES)),
        shell.NAME: lambda: shell.ShellCheck(tool(shell.NAME, shell.SUFFIXES)),
        yaml_files.NAME: lambda: yaml_files.YamlLint(tool(yaml_files.NAME, yaml_files.SUFFIXES)),
        syntax.NAME: lambda: syntax.make_syntax(bounds),
    }
    return [makers[name]() for name in LINTERS if name in wanted]
