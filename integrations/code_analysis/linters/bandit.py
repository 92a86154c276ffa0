"""Bandit: what an attacker looks for in Python."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from integrations.code_analysis.finding import Finding, Severity, make_finding
from integrations.code_analysis.linter import Exported, LinterFailed, Place
from integrations.code_analysis.linters.tool import ToolLinter, located, path_of

NAME: Final = "bandit"
SUFFIXES: Final = frozenset({".py", ".pyw"})
_SEVERITY: Final[Mapping[str, Severity]] = {"HIGH": "error", "MEDIUM": "warning", "LOW": "info", "UNDEFINED": "info"}
_SECRETS: Final = frozenset({"B105", "B106", "B107"})
"""Rules whose message quotes the password that they found: it is not passed on."""
_QUOTED: Final = re.compile(r"'.*'|\".*\"", re.DOTALL)
_SKIPPED: Final = "B101"
"""`assert`: every test has dozens, and Python removes them only where somebody asks for it."""
_NO_FILE: Final = "/nonexistent"
"""In place of what Bandit leaves out by itself: any path with `.git` in it, `.github` too."""


@dataclass(frozen=True, slots=True)
class Bandit(ToolLinter):
    """Asks `bandit`. Severities high, medium and low become error, warning and info."""

    @property
    def settings(self) -> str:
        """What is left out."""
        return _SKIPPED

    async def run(self, files: Sequence[Exported], place: Place) -> list[Finding]:
        """Check files; one that can't be parsed is a finding of its own."""
        options = ["--quiet", "--exit-zero", "--format=json", f"--exclude={_NO_FILE}"]
        config = place.cwd / "pyproject.toml"
        if place.own and _is_configured(config):
            options.append(f"--configfile={config}")
        else:
            options.append(f"--skip={_SKIPPED}")
        report = await self.tool.ask([*options, *(str(file.location) for file in files)], place, codes={0})
        paths = located(files)
        try:
            found = [_finding(row, paths) for row in report["results"]]
            found += [_unread(row, paths) for row in report["errors"]]
            seen = report["metrics"].keys() | {row["filename"] for row in report["errors"]}
        except (KeyError, TypeError, AttributeError) as error:
            raise LinterFailed(f"bandit printed something else than before: {error!r}") from None
        if missed := [path for location, path in paths.items() if location not in seen]:
            raise LinterFailed(f"bandit left out {len(missed)} files, such as {missed[0][:100]}")
        return found


def _finding(row: Any, paths: dict[str, str]) -> Finding:
    severity = _SEVERITY.get(row["issue_severity"], "info")
    column = row.get("col_offset", -1) + 1
    path = path_of(paths, row["filename"], NAME)
    rule, text = row["test_id"], row["issue_text"]
    if rule in _SECRETS:
        text = _QUOTED.sub("'***'", text)
    return make_finding(NAME, rule, severity, path, row["line_number"], column, text)


def _unread(row: Any, paths: dict[str, str]) -> Finding:
    path = path_of(paths, row["filename"], NAME)
    return make_finding(NAME, "not-parsed", "info", path, 0, 0, f"not checked: {row['reason']}")


def _is_configured(file: Path) -> bool:
    try:
        return "bandit" in tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, ValueError, AttributeError):
        return False
