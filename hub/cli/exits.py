"""How a command ends: its exit code, and what it says when it fails."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum


class Exit(IntEnum):
    """Every exit code of `tocsin`. `docs/topics/command-line.md` has the same table."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    UNREACHABLE = 3
    REFUSED = 4
    UNMET = 5
    BLOCKED = 6
    INTERRUPTED = 130


class Failure(Exception):
    """A command can't do its work.

    Args:
        code: what the process exits with.
        lines: what the user reads, on standard error.
        temporary: the same may succeed later.
    """

    def __init__(self, code: Exit, lines: str | Sequence[str], temporary: bool = False) -> None:
        self.code = code
        self.lines = (lines,) if isinstance(lines, str) else tuple(lines)
        self.temporary = temporary
        super().__init__("\n".join(self.lines))
