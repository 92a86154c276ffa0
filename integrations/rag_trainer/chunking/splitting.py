"""Cutting a span of text into pieces of a bounded number of tokens."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

Spans = list[tuple[int, int]]

_LEVELS: Final = (re.compile(r"\n+"), re.compile(r"(?<=[.!?;…])\s+"), re.compile(r"\s+"))
_SENTENCE: Final = re.compile(r"(?<=[.!?;…])\s+|\n+")
_WORD: Final = re.compile(r"\S+")
_CHARACTERS: Final = 16
"""Characters that a token has at most, in the mean of a piece: a longer piece is cut without being counted."""


@dataclass(frozen=True, slots=True)
class Splitter:
    """Cuts at the ends of paragraphs, else of sentences, else of words, else anywhere.

    Args:
        count: tokens of a text.
        tokens: that a piece may have, with `head` before it.
        overlap: tokens that a piece repeats of the one before, at most; it begins at a sentence, else at a word.
        head: what each piece is read with; has at most half of the tokens.
    """

    count: Callable[[str], int]
    tokens: int
    overlap: int = 0
    head: str = ""

    def split(self, text: str, start: int, end: int) -> Spans:
        """Return spans in their order; every character that isn't blank is in at least one."""
        if self._fits(text[start:end], self.tokens):
            return [(start, end)]
        overlap = min(self.overlap, (self.tokens - self.count(self.head)) // 2)
        units = list(self._units(text, start, end, max(1, self.tokens - overlap), 0))
        pieces: Spans = []
        at = 0
        while at < len(units):
            begin = units[at][0]
            if pieces and overlap:
                begin = self._overlapping(text, pieces[-1], overlap, begin)
                if not self._fits(text[begin : units[at][1]], self.tokens):
                    begin = units[at][0]
            after = self._end(text, begin, units, at)
            pieces.append((begin, units[after - 1][1]))
            at = after
        return pieces

    def _end(self, text: str, begin: int, units: Spans, at: int) -> int:
        """Return the unit before which a piece ends that begins with unit `at`, which itself fits."""
        # In steps that double, and then halved: some ten counts for a piece of many words, and two for one of a row.
        step, low, high = 1, at + 1, len(units)
        while low < high:
            last = min(low + step, high) - 1
            if not self._fits(text[begin : units[last][1]], self.tokens):
                high = last
                break
            low, step = last + 1, step * 2
        return bisect_left(
            range(high), True, lo=low, key=lambda last: not self._fits(text[begin : units[last][1]], self.tokens)
        )

    def _fits(self, text: str, tokens: int) -> bool:
        return len(text) <= tokens * _CHARACTERS and self.count(self.head + text) <= tokens

    def _units(self, text: str, start: int, end: int, tokens: int, level: int) -> Iterator[tuple[int, int]]:
        """Part a span into what isn't cut any further."""
        if self._fits(text[start:end], tokens) or end - start == 1:
            yield start, end
        elif level == len(_LEVELS):
            middle = (start + end) // 2
            yield from self._units(text, start, middle, tokens, level)
            yield from self._units(text, middle, end, tokens, level)
        else:
            at = start
            for border in _LEVELS[level].finditer(text, start, end):
                if at < border.start():
                    yield from self._units(text, at, border.start(), tokens, level + 1)
                at = border.end()
            if at < end:
                yield from self._units(text, at, end, tokens, level + 1)

    def _overlapping(self, text: str, piece: tuple[int, int], overlap: int, begin: int) -> int:
        """Return where the next piece begins to repeat the end of this one."""
        start, end = piece
        near = max(start + 1, end - overlap * _CHARACTERS)
        words = [word.start() for word in _WORD.finditer(text, near, end) if text[word.start() - 1].isspace()]
        # The fewer words, the fewer tokens: the first place from which they are few enough.
        at = bisect_left(words, True, key=lambda word: self.count(text[word:end]) <= overlap)
        if at == len(words):
            return begin
        sentence = next((one.end() for one in _SENTENCE.finditer(text, words[at] - 1, end) if one.end() < end), None)
        return words[at] if sentence is None else sentence
