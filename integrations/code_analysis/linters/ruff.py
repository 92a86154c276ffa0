"""Ruff, for Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from integrations.code_analysis.finding import Finding, Severity, make_finding
from integrations.code_analysis.linter import Exported, LinterFailed, Place
from integrations.code_analysis.linters.tool import ToolLinter, located, path_of

NAME: Final = "ruff"
SUFFIXES: Final = frozenset({".py", ".pyi", ".pyw"})

RULES: Final = ("E4", "E7", "E9", "F", "B", "ASYNC", "C4", "LOG", "PERF", "PIE", "PLE", "PLW", "RET", "SIM", "UP")
"""Rules that look at one file alone. Those that look at its neighbours (I, INP) would need the whole tree."""

_ERRORS: Final = ("E9", "F50", "F52", "F6", "F7", "F81", "F82", "PLE", "invalid-syntax", "syntax-error")
_WARNINGS: Final = ("F", "B", "ASYNC", "PLW", "S", "LOG", "DTZ", "RUF", "T10", "BLE")


@dataclass(frozen=True, slots=True)
class Ruff(ToolLinter):
    """Asks `ruff check`, isolated from every configuration unless the repository's own is asked for."""

    rules: tuple[str, ...] = RULES

    @property
    def settings(self) -> str:
        """The rules."""
        return ",".join(self.rules)

    async def run(self, files: Sequence[Exported], place: Place) -> list[Finding]:
        """Check files."""
        options = ["check", "--no-cache", "--no-fix", "--quiet", "--exit-zero", "--output-format=json"]
        if not place.own:
            options += ["--isolated", f"--select={','.join(self.rules)}"]
        places = [str(file.location) for file in files]
        found = await self.tool.ask([*options, "--", *places], place, codes={0})
        paths = located(files)
        try:
            return [_finding(row, paths) for row in found]
        except (KeyError, TypeError, AttributeError) as error:
            raise LinterFailed(f"ruff printed something else than before: {error!r}") from None


def _finding(row: Any, paths: dict[str, str]) -> Finding:
    rule = row["code"] or "invalid-syntax"
    place = row["location"] or {}
    path = path_of(paths, row["filename"], NAME)
    return make_finding(NAME, rule, severity_of(rule), path, place.get("row"), place.get("column"), row["message"])


def severity_of(rule: str) -> Severity:
    """Rate a rule, since Ruff calls all errors: what breaks at run time, what probably is a mistake, the rest."""
    if rule.startswith(_ERRORS):
        return "error"
    family = rule.rstrip("0123456789")
    return "warning" if family in _WARNINGS else "info"
