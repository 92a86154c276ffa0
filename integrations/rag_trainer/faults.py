"""Exceptions that nobody has foreseen, as text: without secrets."""

from __future__ import annotations

import re
import sqlite3
import traceback
from typing import Final

from channels.messages.texts import one_line

_SECRET: Final = re.compile(r"//[^/\s]{1,200}@")
_SHOWN: Final = 400
"""Characters of an unforeseen exception that are told."""
_TRACE: Final = 20_000
"""Characters of its traceback that are logged: the last ones."""
_DISK: Final = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
)
"""What SQLite says of a disk that is full, of a limit on the length of files, and of missing rights."""


def in_words(error: BaseException) -> str:
    """Return it as one line, without what stands before an @ in an address. Of a disk's errors, with what to do."""
    text = _SECRET.sub("//", one_line(str(error), _SHOWN))
    return f"{type(error).__name__}: {text or 'no more is known'}{_advice(error)}"


def trace_of(error: BaseException) -> str:
    """Return its traceback, for a log. Unlike what loggers make of `exc_info`, it never shows variables.

    They may be a password, or the text of a document.
    """
    return _SECRET.sub("//", "".join(traceback.format_exception(error)))[-_TRACE:].rstrip()


def _advice(error: BaseException) -> str:
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    system = isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError)
    return " (look at the path, its rights, and the free space)" if system or code in _DISK else ""
