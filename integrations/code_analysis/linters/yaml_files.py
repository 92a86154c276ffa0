"""Yamllint, for YAML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from integrations.code_analysis.finding import Finding, Severity, make_finding
from integrations.code_analysis.linter import Exported, LinterFailed, Place
from integrations.code_analysis.linters.tool import ToolLinter, located, path_of

NAME: Final = "yamllint"
SUFFIXES: Final = frozenset({".yaml", ".yml"})
CONFIGURATION: Final = "{extends: relaxed, rules: {line-length: disable}}"
_LINE: Final = re.compile(
    r"(?P<file>[^:]+):(?P<line>\d+):(?P<column>\d+): \[(?P<level>error|warning)\] (?P<message>.*)"
)
_RULE: Final = re.compile(r"(?P<message>.*) \((?P<rule>[a-z-]+)\)")
_OWN: Final = (".yamllint", ".yamllint.yaml", ".yamllint.yml")


@dataclass(frozen=True, slots=True)
class YamlLint(ToolLinter):
    """Asks `yamllint`. Broken YAML and keys that are there twice are errors, the rest is a warning or less."""

    @property
    def settings(self) -> str:
        """The configuration."""
        return CONFIGURATION

    async def run(self, files: Sequence[Exported], place: Place) -> list[Finding]:
        """Check files."""
        own = place.own and any((place.cwd / name).is_file() for name in _OWN)
        options = ["--format=parsable", *([] if own else ["--config-data", CONFIGURATION])]
        places = [str(file.location) for file in files]
        done = await self.tool.execute([*options, "--", *places], place.cwd, codes={0, 1})
        paths = located(files)
        return [_finding(line, paths) for line in done.output.decode(errors="replace").splitlines()]


def _finding(line: str, paths: dict[str, str]) -> Finding:
    found = _LINE.fullmatch(line)
    if found is None:
        raise LinterFailed(f"yamllint printed something else than before: {line[:100]!r}")
    named = _RULE.fullmatch(found["message"])
    rule, message = (named["rule"], named["message"]) if named else ("syntax", found["message"])
    path = path_of(paths, found["file"], NAME)
    return make_finding(
        NAME, rule, _severity(rule, found["level"]), path, int(found["line"]), int(found["column"]), message
    )


def _severity(rule: str, level: str) -> Severity:
    if rule == "syntax" or (level == "error" and rule == "key-duplicates"):
        return "error"
    return "warning" if level == "error" else "info"
