"""Where a command prints: results on standard output, all else on standard error; colours for people only."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TextIO


class Colour(IntEnum):
    """ANSI colours that can be read on a dark and on a light background."""

    RED = 31
    GREEN = 32
    YELLOW = 33
    BLUE = 34
    MAGENTA = 35
    CYAN = 36
    GREY = 90


@dataclass(frozen=True, slots=True)
class Terminal:
    """The two streams of a command.

    Attributes:
        interactive: standard output is a terminal, so a person reads it.
        colour_out, colour_err: colour what goes there.
    """

    out: TextIO
    err: TextIO
    interactive: bool = False
    colour_out: bool = False
    colour_err: bool = False

    @classmethod
    def of(cls, out: TextIO, err: TextIO, environment: Mapping[str, str]) -> Terminal:
        """Colour what is a terminal, unless `NO_COLOR` is set (no-color.org) or the terminal can't."""
        wanted = not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
        interactive = out.isatty()
        return cls(out, err, interactive, interactive and wanted, err.isatty() and wanted)

    def say(self, line: str) -> None:
        """Print a line of the result. It is out when this returns, also into a pipe."""
        self.out.write(line + "\n")
        self.out.flush()

    def tell(self, line: str, colour: Colour | None = None) -> None:
        """Print a line about the work."""
        self.err.write((_paint(line, colour) if colour and self.colour_err else line) + "\n")
        self.err.flush()

    def paint(self, text: str, colour: Colour) -> str:
        """Colour a piece of the result."""
        return _paint(text, colour) if self.colour_out else text


def _paint(text: str, colour: Colour) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m"


def visible(text: str) -> str:
    """Write every character that doesn't print as a JSON escape: nobody's data may steer the terminal.

    JSON stays the same JSON: outside of strings it has no such character but blanks and line ends, which become blanks.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c in "\r\n\t" else _escape(c) for c in text)


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def let_go_of_output() -> None:
    """End in peace when the reader of our output has enough (`tocsin tail ... | head -1`).

    What is still buffered goes nowhere; otherwise Python would complain about it on its way out.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
