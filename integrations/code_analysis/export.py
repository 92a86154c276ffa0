"""Putting files where linters can read them: a temporary folder, under names that harm no tool."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final

from integrations.code_analysis.finding import shown
from integrations.code_analysis.git import Entry
from integrations.code_analysis.linter import Exported, Place

CONFIGURATIONS: Final = frozenset(
    {".ruff.toml", ".shellcheckrc", ".yamllint", ".yamllint.yaml", ".yamllint.yml", "pyproject.toml", "ruff.toml"}
)
"""Names of files by which a repository configures the linters."""

_HARMLESS: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}", re.ASCII)
_HIDDEN: Final = re.compile(r"\.?[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}", re.ASCII)


class Export:
    """A folder with files out of a repository.

    Without the repository's own configuration each file is alone in a folder with a number, under its own name where
    that is harmless: no tool finds a configuration, a neighbour, or a name that looks like an option. With it, files
    have their own paths, beside the configuration and empty files in place of all neighbours.
    """

    def __init__(self, folder: Path, *, own: bool) -> None:
        self._folder = folder
        self._tree = folder / "tree"
        self._tree.mkdir()
        self._number = 0
        self.place = Place(self._tree, own)

    async def put(self, path: str, content: bytes) -> Exported:
        """Write a file."""
        location = self._location(path)
        await asyncio.to_thread(_write, location, content)
        return Exported(shown(path), location)

    async def surround(self, paths: Iterable[str]) -> None:
        """Write empty files in place of a tree's files, for linters that look whether a neighbour is there."""
        await asyncio.to_thread(self._surround, [path for path in paths if _is_harmless(path)])

    async def forget(self, files: Iterable[Exported]) -> None:
        """Remove files that have been read, so that the folder never holds more than a batch."""
        if not self.place.own:
            await asyncio.to_thread(_remove, [file.location.parent for file in files])

    def _surround(self, paths: Iterable[str]) -> None:
        for path in paths:
            _write(self._tree / path, b"")

    def _location(self, path: str) -> Path:
        if self.place.own and _is_harmless(path):
            return self._tree / path
        self._number += 1
        name = PurePosixPath(path).name
        if not _HARMLESS.fullmatch(name):
            suffix = PurePosixPath(name).suffix.lower()
            name = "file" + (suffix if _HIDDEN.fullmatch(suffix) else "")
        return self._folder / f"{self._number:06}" / name


@asynccontextmanager
async def exporting(*, own: bool) -> AsyncIterator[Export]:
    """Make a folder; it is removed at the end, whatever happens."""
    folder = _make_folder()
    try:
        yield Export(folder, own=own)
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # not in a thread: it also has to be done when we are cancelled


def _make_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="tocsin-analysis-")).resolve()


def configuration_of(entries: Iterable[Entry]) -> tuple[list[Entry], str]:
    """Return the files that configure linters, and a hash of all that decides beside a file's own content: these files,
    and which neighbours there are."""
    files = [entry for entry in entries if entry.kind == "file" and _is_harmless(entry.path)]
    configuring = [entry for entry in files if PurePosixPath(entry.path).name in CONFIGURATIONS]
    digest = sha256()
    for entry in sorted(configuring, key=lambda entry: entry.path):
        digest.update(f"{entry.path}\0{entry.blob}\0".encode())
    for path in sorted(neighbours(files)):
        digest.update(f"{path}\0".encode())
    return configuring, digest.hexdigest()


def neighbours(entries: Iterable[Entry]) -> list[str]:
    """Return the paths whose being there a linter may look for."""
    return [entry.path for entry in entries if PurePosixPath(entry.path).suffix in (".py", ".pyi")]


def _is_harmless(path: str) -> bool:
    return all(_HIDDEN.fullmatch(part) and part.lower() != ".git" for part in path.split("/"))


def _write(location: Path, content: bytes) -> None:
    location.parent.mkdir(parents=True, exist_ok=True)
    location.write_bytes(content)


def _remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
