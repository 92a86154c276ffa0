"""Where a command gets a password from: a person, a pipe or a file. Never an argument, which other users can see."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import Final

from hub.cli.exits import Exit, Failure

LENGTH_MAX: Final = 4_096
"""Characters that are read at most: far more than any password may have."""


def add_password_option(parser: argparse.ArgumentParser) -> None:
    """Add `--password-file`."""
    parser.add_argument(
        "--password-file",
        metavar="FILE",
        help="file whose first line is the password, or - for standard input; otherwise it is asked for",
    )


def password_of(file: str | None) -> str:
    """Return a password; a person is asked for it twice.

    Raises:
        Failure: there is none to be had, or the two differ.
    """
    if file is None and sys.stdin.isatty():
        return _asked()
    if file in (None, "-"):
        text, source = sys.stdin.readline(LENGTH_MAX), "standard input"
    else:
        text, source = _read(file or ""), f"--password-file: {file}"
    password = text.partition("\n")[0].removesuffix("\r")
    if not password:
        raise Failure(Exit.USAGE, f"{source}: expected a password on the first line, got nothing")
    return password


def _asked() -> str:
    try:
        password = getpass.getpass("New password: ")
        if password != getpass.getpass("The same again: "):
            raise Failure(Exit.USAGE, "expected the same password twice, got two that differ")
    except EOFError:
        raise Failure(Exit.USAGE, "expected a password, got nothing") from None
    if not password:
        raise Failure(Exit.USAGE, "expected a password, got nothing")
    return password


def _read(file: str) -> str:
    try:
        with Path(file).open(encoding="utf-8") as stream:
            return stream.readline(LENGTH_MAX)
    except OSError as error:
        raise Failure(Exit.USAGE, f"--password-file: {file}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Failure(Exit.USAGE, f"--password-file: {file}: is not text") from None
