"""Cuts long texts into parts that say something each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_BORDERS: Final = (
    re.compile(r"(?<=\n)\s*\n"),  # paragraphs
    re.compile(r"(?<=\n)"),  # lines
    re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])"),  # sentences
    re.compile(r"(?<=\s)"),  # words
)


def cut(text: str, most_bytes: int, most_parts: int) -> list[str]:
    """Cut a text at the ends of paragraphs, or lines, or sentences, or words, as far as needed.

    Args:
        most_bytes: of a part, in UTF-8.
        most_parts: what is beyond is left out.
    """
    parts: list[str] = []
    begin = ""
    for piece in _pieces(text, most_bytes, 0):
        if begin and len((begin + piece).rstrip().encode()) > most_bytes:
            parts.append(begin.strip())
            begin = ""
            if len(parts) == most_parts:
                return parts
        begin += piece
    return [part for part in (*parts, begin.strip()) if part]


def _pieces(text: str, most: int, border: int) -> Iterator[str]:
    """The largest pieces that fit, in their order; together they are the text."""
    if len(text.encode()) <= most:
        yield text
    elif border == len(_BORDERS):
        yield from _hacked(text, most)
    else:
        begin = 0
        for found in _BORDERS[border].finditer(text):
            if found.end() > begin:
                yield from _pieces(text[begin : found.end()], most, border + 1)
                begin = found.end()
        if begin < len(text):
            yield from _pieces(text[begin:], most, border + 1)


def _hacked(text: str, most: int) -> Iterator[str]:
    """Where there is no border: at the bound, but never within a character."""
    characters = max(1, most // 4)
    for at in range(0, len(text), characters):
        yield text[at : at + characters]
