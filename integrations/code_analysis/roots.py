"""Which folders may be analysed: those under the configured roots, after every symbolic link is followed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_BORROWED_MAX: Final = 6
"""Repositories that borrow objects from each other in a row; Git itself goes no further than 5."""


class Outside(ValueError):
    """A path leads out of the roots, or to nothing. The message tells no more than who asked knew."""


class Roots:
    """The folders in which repositories may be analysed.

    Args:
        folders: absolute paths; symbolic links in them are followed when a path is judged.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)

    def admit(self, text: str) -> Path:
        """Return the folder that `text` names, without symbolic links.

        Raises:
            Outside: it is not absolute, is no folder, or doesn't lie under a root.
        """
        if not text.startswith("/") or "\0" in text:
            raise Outside("expected the absolute path of a repository")
        try:
            path = Path(text).resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            path = None
        if path is None or not self.holds(path) or not path.is_dir():
            raise Outside("expected a repository under one of the folders of analysis.roots")
        return path

    def holds(self, path: Path) -> bool:
        """Tell whether `path`, which has no symbolic links, is one of the roots or lies under one."""
        return any(path == root or root in path.parents for root in self._resolved())

    def require_inside(self, git_dir: Path) -> None:
        """Check that everything that Git would read for a repository lies under the roots, too.

        Raises:
            Outside: the repository, its objects, or what it borrows objects from, lies elsewhere.
        """
        if not all(self.holds(place.resolve()) for place in _places(git_dir)):
            raise Outside("the repository keeps its objects outside of the folders of analysis.roots")

    def _resolved(self) -> tuple[Path, ...]:
        return tuple(folder.resolve() for folder in self._folders)


def _places(git_dir: Path) -> Iterator[Path]:
    folders = [git_dir]
    if common := _text(git_dir / "commondir"):
        folders.append(git_dir / common)
    stores = [folder / "objects" for folder in folders]
    yield from (*folders, *(folder / "refs" for folder in folders))
    for _ in range(_BORROWED_MAX):  # who is borrowed from may borrow, too
        yield from (*stores, *(store / "pack" for store in stores))
        lines = [(store, line) for store in stores for line in _text(store / "info" / "alternates").splitlines()]
        # A quoted name isn't read as Git reads it, so it counts as one that leads out.
        stores = [Path("/") if line.startswith('"') else store / line for store, line in lines if not _is_note(line)]
    yield from stores


def _is_note(line: str) -> bool:
    return not line or line.startswith("#")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="surrogateescape").strip()
    except OSError:
        return ""
