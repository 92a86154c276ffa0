"""Which files may be trained: those under the configured folders, after every symbolic link is followed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path


class Outside(ValueError):
    """A path leads out of the folders, or to nothing. The message tells no more than who asked knew."""


class Places:
    """The folders that may be trained.

    Args:
        documents: the folder that is trained when none is named, and what relative paths are relative to.
        roots: further ones, absolute.
    """

    def __init__(self, documents: Path, roots: Iterable[Path] = ()) -> None:
        self.documents = documents
        self._folders = (documents, *roots)

    def admit(self, text: str = "") -> Path:
        """Return the folder that `text` names, without symbolic links.

        Raises:
            Outside: it is no folder, or doesn't lie under one that may be trained.
        """
        path = self._resolved(self.documents / text if text else self.documents)
        if path is None or not _is_folder(path):
            raise Outside(
                "expected a folder under rag_trainer.documents or one of rag_trainer.roots, as an absolute path or as "
                "one below rag_trainer.documents"
            )
        return path

    def admit_files(self, folder: Path, names: Sequence[str]) -> tuple[str, ...]:
        """Return the paths of files of a folder that `admit` has returned; each must lie under it.

        Whether a file is there, and can be trained, is the job's concern: a bad one fails alone.

        Raises:
            Outside: one leads out of the folder.
        """
        found = []
        for name in names:
            path = None if "\0" in name else _resolved(folder / name)
            if path is None or folder not in path.parents:
                raise Outside(f"expected paths below the folder, got {name[:200]!r}")
            found.append(str(path))
        return tuple(dict.fromkeys(found))

    def _resolved(self, path: Path) -> Path | None:
        """Follow all links; `None` when that leads out."""
        found = None if "\0" in str(path) else _resolved(path)
        if found is None or not any(found == root or root in found.parents for root in self._roots()):
            return None
        return found

    def _roots(self) -> list[Path]:
        return [folder for folder in map(_resolved, self._folders) if folder is not None]


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # such as a name that is too long
        return False


def _resolved(path: Path) -> Path | None:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, or a name that is too long
        return None
