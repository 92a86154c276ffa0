"""One writer per library, across processes."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from types import TracebackType


class Locked(Exception):
    """Another trainer writes to the library. The text says which process, and what to do."""


class WriterLock:
    """Is held by who writes to a library: a lock on a file beside it.

    The kernel lets go of it when its holder ends, however that ends. The file stays. Not inherited by programs that the
    holder starts. Within one process, two locks of one library exclude each other as well.

    Args:
        library: the library's file; its folder is made.
    """

    def __init__(self, library: Path) -> None:
        self.path = library.with_name(library.name + ".lock")
        self._library = library
        self._file: int | None = None

    def __enter__(self) -> WriterLock:
        """Take it, without waiting.

        Raises:
            Locked: another one has it.
            OSError: the folder can't be made, or written to.
        """
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise NotADirectoryError(errno.ENOTDIR, "a file stands where a folder is needed", str(folder)) from None
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(file, 32, 0).decode("ascii", "replace").strip()
            os.close(file)
            raise Locked(
                f"{self._library}: another trainer writes to it (process {holder or 'unknown'}); wait until it has "
                "ended, or stop it, or give this one a library of its own"
            ) from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Let go of it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
