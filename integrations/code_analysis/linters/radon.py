"""Radon: how complex Python functions are, and how well files can be maintained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from integrations.code_analysis.finding import Finding, Severity, make_finding
from integrations.code_analysis.linter import Exported, LinterFailed, Place
from integrations.code_analysis.linters.tool import ToolLinter, located, path_of

NAME: Final = "radon"
SUFFIXES: Final = frozenset({".py"})
_COMPLEXITY: Final[Mapping[str, Severity]] = {"C": "info", "D": "warning", "E": "warning", "F": "error"}
"""By Radon's ranks of cyclomatic complexity: C is 11 to 20, D up to 30, E up to 40, F above. A and B are fine."""
_MAINTAINABILITY: Final[Mapping[str, Severity]] = {"B": "info", "C": "warning"}
"""By Radon's ranks of the maintainability index: B is 10 to 19 of 100, C below 10. A is fine."""


@dataclass(frozen=True, slots=True)
class Radon(ToolLinter):
    """Asks `radon cc` and `radon mi`."""

    async def run(self, files: Sequence[Exported], place: Place) -> list[Finding]:
        """Measure files; one that can't be parsed is a finding of its own."""
        locations = [str(file.location) for file in files]
        paths = located(files)
        complexity = await self.tool.ask(["cc", "--json", *locations], place, codes={0})
        maintainability = await self.tool.ask(["mi", "--json", *locations], place, codes={0})
        try:
            found = [
                finding
                for location, blocks in complexity.items()
                for finding in _complex(blocks, path_of(paths, location, NAME))
            ]
            for location, index in maintainability.items():
                found += _unmaintainable(index, path_of(paths, location, NAME))
        except (KeyError, TypeError, AttributeError) as error:
            raise LinterFailed(f"radon printed something else than before: {error!r}") from None
        return found


def _complex(blocks: Any, path: str) -> Iterator[Finding]:
    if isinstance(blocks, dict):
        yield make_finding(NAME, "not-parsed", "info", path, 0, 0, f"not measured: {blocks['error']}")
        return
    for block in blocks:
        severity = _COMPLEXITY.get(block["rank"])
        # A class is the mean of its methods, which are there, too.
        if severity is not None and block["type"] != "class":
            what = f"{block['type']} {block['name']}: cyclomatic complexity {block['complexity']}, rank {block['rank']}"
            yield make_finding(NAME, "complexity", severity, path, block["lineno"], block["col_offset"] + 1, what)


def _unmaintainable(index: Any, path: str) -> Iterator[Finding]:
    severity = _MAINTAINABILITY.get(index.get("rank", "A"))
    if severity is not None:
        what = f"maintainability index {index['mi']:.1f} of 100 (rank {index['rank']})"
        yield make_finding(NAME, "maintainability", severity, path, 0, 0, what)
