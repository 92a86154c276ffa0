"""Which process of a hub has the queue of a folder: the one that holds its lock."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Ownership:
    """A lock that ends with the process that holds it, however that ends. Blocks for microseconds.

    Args:
        file: made when it isn't there.
        name: what others are told to ask for.
    """

    def __init__(self, file: Path, name: str) -> None:
        self._file = file
        self._name = name
        self._handle: int | None = None

    @property
    def is_ours(self) -> bool:
        """Whether this process has it."""
        return self._handle is not None

    def take(self) -> bool:
        """Have it from now on, unless somebody else has.

        Raises:
            OSError: the file can't be used.
        """
        if self._handle is not None:
            return True
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Not inherited by workers, which outlive a hub that is killed: the lock must not.
        handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        except OSError:
            os.close(handle)
            raise
        os.ftruncate(handle, 0)
        os.pwrite(handle, self._name.encode(), 0)
        self._handle = handle
        return True

    def holder(self) -> str:
        """Return the name of who has it, or had it last; empty: nobody yet."""
        try:
            return self._file.read_text(encoding="utf-8")
        except OSError:
            return ""

    def release(self) -> None:
        """Let others have it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
