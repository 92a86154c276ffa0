"""Linters on files that a test writes down, and programs that only pretend."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from integrations.code_analysis.export import exporting
from integrations.code_analysis.finding import Finding
from integrations.code_analysis.linter import Linter
from integrations.code_analysis.linters.catalog import make_linters
from integrations.code_analysis.process import Bounds

BOUNDS = Bounds()


def real(name: str) -> Linter:
    """The linter that is installed beside this Python."""
    return make_linters([name], BOUNDS)[0]


async def read(linter: Linter, files: Mapping[str, str | bytes], *, own: bool = False) -> list[Finding]:
    """Have a linter read files."""
    async with exporting(own=own) as export:
        exported = [
            await export.put(path, content.encode() if isinstance(content, str) else content)
            for path, content in files.items()
        ]
        taken = [file for file in exported if linter.takes(file.path)]
        found = await linter.run(taken, export.place)
    return sorted(found, key=lambda finding: (finding.path, finding.line, finding.rule))


def pretend(folder: Path, output: str, *, code: int = 0, errors: str = "") -> str:
    """Write a program that prints the same whatever it is asked; return its path."""
    folder.mkdir(exist_ok=True)
    program, answer = folder / "program", folder / "output"
    answer.write_text(output)
    program.write_text(f"#!/bin/sh\ncat {answer}\nprintf '%s' '{errors}' >&2\nexit {code}\n")
    program.chmod(0o755)
    return str(program)
