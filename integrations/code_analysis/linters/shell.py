"""ShellCheck, for shell scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from integrations.code_analysis.finding import Finding, Severity, make_finding
from integrations.code_analysis.linter import Exported, LinterFailed, Place
from integrations.code_analysis.linters.tool import ToolLinter, located, path_of

NAME: Final = "shellcheck"
SUFFIXES: Final = frozenset({".bash", ".dash", ".ksh", ".sh"})
_SEVERITY: Final[Mapping[str, Severity]] = {"error": "error", "warning": "warning", "info": "info", "style": "info"}


@dataclass(frozen=True, slots=True)
class ShellCheck(ToolLinter):
    """Asks `shellcheck`. It follows no `source`, so it reads no other file."""

    async def run(self, files: Sequence[Exported], place: Place) -> list[Finding]:
        """Check files."""
        options = ["--format=json1", *([] if place.own else ["--norc"])]
        places = [str(file.location) for file in files]
        report = await self.tool.ask([*options, "--", *places], place, codes={0, 1})
        paths = located(files)
        try:
            return [_finding(row, paths) for row in report["comments"]]
        except (KeyError, TypeError) as error:
            raise LinterFailed(f"shellcheck printed something else than before: {error!r}") from None


def _finding(row: Any, paths: dict[str, str]) -> Finding:
    path = path_of(paths, row["file"], NAME)
    severity = _SEVERITY.get(row["level"], "info")
    return make_finding(NAME, f"SC{row['code']}", severity, path, row["line"], row["column"], row["message"])
