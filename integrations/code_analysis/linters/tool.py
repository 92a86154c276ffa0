"""What linters that are programs have in common: being found, being asked for their version, being run."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from integrations.code_analysis.linter import Exported, LinterAbsent, LinterFailed, Place
from integrations.code_analysis.process import Bounds, Done, ProcessFailed, run

_VERSION: Final = re.compile(r"\d+(?:\.\d+)+[0-9A-Za-z.+-]*")


def find_tool(name: str) -> str | None:
    """Find a program beside this Python, as pip puts it there, or on the PATH."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.is_file() else shutil.which(name)


@dataclass(frozen=True, slots=True)
class Tool:
    """A program.

    Attributes:
        program: its path; `None`: not found.
        suffixes: of the files that it reads.
    """

    name: str
    program: str | None
    bounds: Bounds
    suffixes: frozenset[str]

    def takes(self, path: str) -> bool:
        """Tell by the suffix."""
        return PurePosixPath(path).suffix.lower() in self.suffixes

    async def version(self) -> str:
        """Ask the program (`Linter.version`)."""
        if self.program is None:
            raise LinterAbsent(f"{self.name} is not installed: neither beside {sys.executable} nor on the PATH")
        done = await self.execute(["--version"], Path("/"), codes={0})
        found = _VERSION.search(done.output.decode(errors="replace"))
        if found is None:
            raise LinterFailed(f"{self.name} --version names no version")
        return found.group()[:50]

    async def execute(self, arguments: Sequence[str], cwd: Path, codes: Collection[int]) -> Done:
        """Run the program.

        Raises:
            LinterFailed: it couldn't be run, or ended with a code that is not in `codes`.
        """
        if self.program is None:
            raise LinterAbsent(f"{self.name} is not installed")
        try:
            done = await run([self.program, *arguments], cwd=cwd, bounds=self.bounds)
        except ProcessFailed as error:
            raise LinterFailed(str(error)) from None
        if done.code not in codes:
            raise LinterFailed(f"{self.name}: {done.complaint()}")
        return done

    async def ask(self, arguments: Sequence[str], place: Place, codes: Collection[int]) -> Any:
        """Run the program, and read the JSON that it prints.

        Raises:
            LinterFailed: as `execute`; or it is no JSON.
        """
        done = await self.execute(arguments, place.cwd, codes)
        try:
            return json.loads(done.output)
        except (ValueError, RecursionError):
            raise LinterFailed(f"{self.name} printed no JSON: {done.complaint()}") from None


def located(files: Sequence[Exported]) -> dict[str, str]:
    """Return each file's path by where it lies."""
    return {str(file.location): file.path for file in files}


def path_of(paths: dict[str, str], location: object, name: str) -> str:
    """Return the path of the file that a tool speaks about.

    Raises:
        LinterFailed: it wasn't given that file.
    """
    path = paths.get(str(location))
    if path is None:
        raise LinterFailed(f"{name} speaks about a file that it was not given")
    return path


@dataclass(frozen=True, slots=True)
class ToolLinter:
    """The half of a `Linter` that is the same for every program."""

    tool: Tool

    @property
    def name(self) -> str:
        """The linter's name."""
        return self.tool.name

    @property
    def settings(self) -> str:
        """None."""
        return ""

    def takes(self, path: str) -> bool:
        """Tell by the suffix."""
        return self.tool.takes(path)

    async def version(self) -> str:
        """Ask the program."""
        return await self.tool.version()
