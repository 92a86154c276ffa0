"""Which files of a folder are documents."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from unicodedata import normalize

from integrations.rag_trainer.draft import Source
from integrations.rag_trainer.settings import STATE

SUFFIXES: Final = frozenset(
    f".{ending}"
    for ending in (
        *("pdf", "docx", "xlsx", "html", "htm", "xhtml", "md", "markdown", "txt", "text"),
        *("png", "jpg", "jpeg", "tif", "tiff", "bmp", "gif", "webp"),
    )
)
"""Endings, in small letters, of files that are taken for documents. Whether they are is for the first stage to say."""
_TOLD: Final = 3
"""Files and folders that an error names."""


class NoDocuments(Exception):
    """There is nothing to train. The text says what was expected, and what to do."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file or folder that isn't tried, and why: a word, and a sentence."""

    name: str
    reason: str
    text: str

    @property
    def outcome(self) -> Literal["skipped", "failed"]:
        """`failed` where there may be documents that nobody wanted to leave out."""
        return "failed" if self.reason in ("unreadable", "bad_name", "same_name") else "skipped"


@dataclass(frozen=True, slots=True)
class Found:
    """What there is, in the order of names: sorted by code points, folder by folder.

    Attributes:
        left_out: what was seen and isn't tried, except for what is hidden.
        hidden: number of files and folders whose name begins with a full stop, but for the trainer's own folder.
    """

    sources: tuple[Source, ...]
    left_out: tuple[LeftOut, ...] = ()
    hidden: int = 0


def discover(folder: Path, files: Sequence[str | os.PathLike[str]] | None = None, *, most: int = 100_000) -> Found:
    """Find the documents of a folder and of what is below it.

    A document's file ends as one of `SUFFIXES`. Links to files below the folder are left out, because those are found
    themselves; links that lead elsewhere are not followed, and neither are links to folders. A link that leads nowhere,
    or in a circle, is found, so that the first stage refuses it by name. All that is left out is told, but for hidden
    names.

    Args:
        files: only these: paths, from `folder` where they aren't absolute. A file is taken whatever its ending, also a
            link; of a folder, what is below it. A document is named by its path below `folder`, or by its absolute one.
        most: files and folders that are looked at.

    Raises:
        NoDocuments: `folder` isn't there although all of it is wanted, or there are no documents, or too many files.
    """
    if files is None and not folder.is_dir():
        raise NoDocuments(
            f"expected a folder with documents at {folder}; {'a file' if folder.exists() else 'nothing'} is there: "
            "make the folder and put documents into it, or name another"
        )
    walk = _Walk(folder.resolve(), most)
    if files is None:
        walk.folder(walk.root)
    for file in files or ():
        walk.named(Path(os.path.abspath(walk.root / file)))
    found = walk.found()
    if not found.sources and not found.left_out:
        raise NoDocuments(
            f"expected documents in {_wanted(folder, files)}; there are none: put in files that end with one of "
            f"{', '.join(sorted(SUFFIXES))}"
        )
    return found


class _Walk:
    """Goes through a folder."""

    def __init__(self, root: Path, most: int) -> None:
        self.root = root
        self._most = most
        self._top = root
        self._seen = 0
        self._hidden = 0
        self._sources: dict[str, Source] = {}
        self._left_out: dict[str, LeftOut] = {}

    def found(self) -> Found:
        return Found(tuple(self._sources.values()), tuple(self._left_out.values()), self._hidden)

    def named(self, path: Path) -> None:
        """Take what was named."""
        if path.is_dir() and not path.is_symlink():
            self.folder(path)
        else:
            self._take(path)

    def folder(self, folder: Path) -> None:
        """Take what is below."""
        self._top = folder.resolve()
        waiting = [folder]
        while waiting:
            current = waiting.pop()
            below: list[Path] = []
            for entry in self._entries(current):
                self._count()
                if entry.name.startswith("."):
                    self._hidden += entry.name != STATE
                elif entry.is_dir(follow_symlinks=False):
                    below.append(Path(entry.path))
                else:
                    self._entry(entry)
            waiting += reversed(below)

    def _entries(self, folder: Path) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                yield from sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._leave(folder, "unreadable", f"the folder can't be read: {error.strerror}; change its mode or owner")

    def _count(self) -> None:
        self._seen += 1
        if self._seen > self._most:
            raise NoDocuments(
                f"expected at most {self._most} files below {self.root}; there are more: name a folder with fewer, or "
                "raise the limit `files`"
            )

    def _entry(self, entry: os.DirEntry[str]) -> None:
        path = Path(entry.path)
        if entry.is_symlink():
            self._link(path)
        elif not entry.is_file(follow_symlinks=False):
            self._leave(path, "not_a_file", "expected a file; it is a device, a pipe or a socket")
        else:
            self._by_suffix(path)

    def _link(self, path: Path) -> None:
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):
            # Leads nowhere, or in a circle (a RuntimeError before Python 3.13): the first stage says which.
            self._by_suffix(path)
            return
        if target.is_dir():
            self._leave(path, "link", "a link to a folder; such links are not followed: name that folder itself")
        elif target.is_relative_to(self._top) and not _is_hidden(target.relative_to(self._top)):
            self._leave(path, "link", f"a link to {_shown(self._name(target))}, which is taken itself")
        else:
            self._leave(path, "outside", "a link that leads out of the folder; put the file itself there, or name it")

    def _by_suffix(self, path: Path) -> None:
        if path.suffix.lower() in SUFFIXES:
            self._take(path)
        else:
            ending = _shown(path.suffix.lower()) or "no ending"
            self._leave(path, "unknown_ending", f"{ending} is no ending of a document; name the file itself to try it")

    def _take(self, path: Path) -> None:
        name = self._name(path)
        if _shown(name) != name:
            self._leave(path, "bad_name", "its name isn't UTF-8; rename it")
        elif self._sources.setdefault(name, Source(path, name)).path != path:
            self._leave(path, "same_name", "its name differs from another's by how letters are put together; rename it")

    def _leave(self, path: Path, reason: str, text: str) -> None:
        name = _shown(self._name(path))
        self._left_out.setdefault(name, LeftOut(name, reason, text))

    def _name(self, path: Path) -> str:
        name = path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.as_posix()
        # One name on every system: some take names of files apart into letters and accents.
        return normalize("NFC", name)


def _wanted(folder: Path, files: Sequence[str | os.PathLike[str]] | None) -> str:
    if files is None:
        return str(folder)
    return ", ".join(map(str, files[:_TOLD])) + (", ..." if len(files) > _TOLD else "") or "an empty list"


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _shown(name: str) -> str:
    """Make a name that isn't UTF-8 one that can be written down."""
    return name.encode("utf-8", "backslashreplace").decode()
