"""The lines of a text with their places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Line(NamedTuple):
    """A line without its line feed; `text[start:end]` is it."""

    start: int
    end: int
    text: str

    @property
    def blank(self) -> bool:
        """Whether there is nothing but space in it."""
        return not self.text or self.text.isspace()


def lines(text: str) -> Iterator[Line]:
    """Yield the lines of `text` in their order, blank ones too."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield Line(start, end, text[start:end])
        start = end + 1
    yield Line(start, len(text), text[start:])
