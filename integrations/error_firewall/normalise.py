"""Text without what differs from one occurrence to the next: numbers, ids, paths, versions, addresses and times.

Two messages of one fault become equal. It is used for the family of an error and for similarity; never to decide that
two calls are the same, where iOS 17.0 and 17.2 must stay apart. Normalising twice changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 4_000
"""Characters that are normalised; what comes after them doesn't count. The cost is linear in it."""

_KINDS: Final = (
    ("url", r"\b[a-z][a-z0-9+.-]{1,15}://[^\s<>\"']+"),
    ("mail", r"\b[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+"),
    ("uuid", r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"),
    ("time", r"\b\d{4}-\d\d-\d\d(?:[t ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:z|[+-]\d\d:?\d\d)?)?\b"),
    ("time", r"\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\b"),
    ("ip", r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b"),
    ("ip", r"(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}\b"),
    ("address", r"\b0x[0-9a-f]+\b"),
    ("path", r"(?<![\w<>/\\])(?:~|\.{1,2}|[a-z]:)?(?:[/\\][^\s/\\:;,'\"()<>|]+){2,}[/\\]?"),
    ("path", r"(?<![\w<>/\\])(?:~|\.{1,2}|[a-z]:)[/\\][^\s/\\:;,'\"()<>|]+"),
    ("hash", r"\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,128}\b"),
    ("version", r"\bv?\d+(?:\.\d+)+(?:[-+.]?(?:alpha|beta|rc|dev|post|a|b)[.-]?\d*)*\b"),
    ("number", r"\b\d+(?:[.,_]\d+)*(?=[a-z]{0,4}\b)"),
    ("number", r"\d+"),
)
_KIND_OF: Final = [kind for kind, _ in _KINDS]
_ALL: Final = re.compile("|".join(f"({pattern})" for _, pattern in _KINDS))
_DONE: Final = re.compile(r"<(?:url|mail|uuid|time|ip|address|path|hash|version|number)>")
_ROUNDS: Final = 8
"""What stands beside a new placeholder may have become recognisable. Most texts rest after two rounds; the bound is for
those that are made not to."""
_SPACE: Final = re.compile(r"\s+")


def _placeholder(match: re.Match[str]) -> str:
    return f"<{_KIND_OF[(match.lastindex or 1) - 1]}>"


def _step(text: str) -> str:
    text = _SPACE.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()
    pieces, start = [], 0
    for done in _DONE.finditer(text):  # placeholders that are there already stay
        pieces += [_ALL.sub(_placeholder, text[start : done.start()]), done.group()]
        start = done.end()
    pieces.append(_ALL.sub(_placeholder, text[start:]))
    return "".join(pieces)[:LONGEST]


def normalise(text: str) -> str:
    """Return `text` in lower case with single spaces, its variable parts replaced by `<number>`, `<path>`, ...

    Bounded: the first `LONGEST` characters count. Idempotent.
    """
    text = text[:LONGEST]
    for _ in range(_ROUNDS):
        after = _step(text)
        if after == text:
            break
        text = after
    return text
