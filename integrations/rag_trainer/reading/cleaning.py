"""Text made uniform: NFC, one kind of line end and of space, no characters that nobody sees."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SOFT_BREAK: Final = re.compile("\u00ad *(?:\r\n?|\n)")
_LINE_END: Final = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPACE: Final = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_UNSEEN: Final = re.compile(
    "[\u00ad\u200b-\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]"
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_BLANK_LINES: Final = re.compile("\n{3,}")


def clean(text: str) -> str:
    """Return the text in NFC, with `\\n` as its line end and at most one empty line in a row.

    Tabs and no-break spaces become plain spaces, so that a number matches however it was set. Soft hyphens, marks of
    direction, zero-width and control characters go; half of a surrogate pair, which no encoding can hold, becomes
    U+FFFD. No line ends with a space, and neither the text's begin nor its end is an empty line. Linear in the text.
    """
    text = _LINE_END.sub("\n", _SOFT_BREAK.sub("", text))
    text = _SURROGATE.sub("\ufffd", _UNSEEN.sub("", _SPACE.sub(" ", text)))
    text = unicodedata.normalize("NFC", text)
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", text).strip("\n")


def one_line(text: str) -> str:
    """Return the cleaned text as one line with single spaces."""
    return " ".join(clean(text).split())
