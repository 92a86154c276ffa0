"""Broken JSON, TOML and XML, by the parsers of Python's standard library."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from integrations.code_analysis.finding import Finding, Severity, make_finding
from integrations.code_analysis.linter import Exported, LinterFailed, Place
from integrations.code_analysis.linters import syntax_program
from integrations.code_analysis.linters.tool import Tool, ToolLinter, located, path_of
from integrations.code_analysis.process import Bounds

NAME: Final = "syntax"
_PROGRAM: Final = str(Path(syntax_program.__file__).resolve())
_WITH_COMMENTS: Final = (".vscode", ".devcontainer")
"""Folders whose JSON may have comments, as everyone there agrees."""
_MILD: Final = {"depth", "encoding"}


@dataclass(frozen=True, slots=True)
class Syntax(ToolLinter):
    """Asks `syntax_program`."""

    def takes(self, path: str) -> bool:
        """JSON, TOML and XML; not what is known to be JSON with comments."""
        pure = PurePosixPath(path)
        with_comments = pure.name.startswith(("tsconfig", "jsconfig")) or any(p in _WITH_COMMENTS for p in pure.parts)
        return self.tool.takes(path) and not (with_comments and pure.suffix.lower() == ".json")

    async def version(self) -> str:
        """The parsers are Python's own."""
        return platform.python_version()

    async def run(self, files: Sequence[Exported], place: Place) -> list[Finding]:
        """Check files."""
        places = [str(file.location) for file in files]
        broken = await self.tool.ask(["-I", "-S", _PROGRAM, *places], place, codes={0})
        paths = located(files)
        try:
            return [_finding(path_of(paths, name, NAME), *row) for name, row in broken.items()]
        except (TypeError, AttributeError) as error:
            raise LinterFailed(f"the syntax check printed something else: {error!r}") from None


def make_syntax(bounds: Bounds) -> Syntax:
    """Make it: its program is this Python."""
    return Syntax(Tool(NAME, sys.executable, bounds, frozenset(syntax_program.CHECKS)))


def _finding(path: str, rule: Any, line: Any, column: Any, message: Any) -> Finding:
    severity: Severity = "warning" if rule in _MILD else "error"
    return make_finding(NAME, rule, severity, path, line, column, message)
