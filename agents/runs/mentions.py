"""Who is called in a text: `@name` at a word's beginning, outside of code, addresses and links.

Code is what CommonMark (0.31) calls so: fenced blocks, indented blocks, and spans between backticks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

NAME_MAX: Final = 64
"""Characters of a name, as in `agents.catalog.agent.NAME_PATTERN`."""

_FENCE: Final = re.compile(r"^ {0,3}(?:> ?)*(`{3,}|~{3,})[^\n]*(?:\n|\Z)", re.MULTILINE)
_INDENTED: Final = re.compile(r"(?:(?<=\n\n)|(?<=\n[ \t]\n)|\A)(?:(?: {4}| {0,3}\t)[^\n]*(?:\n|\Z))+")
_TICKS: Final = re.compile(r"`+")
_LINK: Final = re.compile(r"(?:\b[a-z][a-z0-9+.-]*://|\bwww\.|\bmailto:)[^\s<>]+", re.IGNORECASE)

_NO_CALL_AFTER: Final = frozenset("@.+-_/\\%=&#~$")
"""What before an `@` makes it part of an address, a path or an expression, or was put there to take its meaning."""

_RUN_TOGETHER: Final = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
"""Letters of scripts that put no spaces between words: Thai, Lao, Tibetan, Burmese, Khmer, Kana, Han."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where somebody is called.

    Attributes:
        text: what follows the `@`, up to where no name can go on.
        start: of the `@`, in the text with its characters composed (NFC).
    """

    text: str
    start: int

    def names(self) -> Iterator[str]:
        """What the name may be, the longest first. It ends where the word does, or, in a script that puts no spaces
        between words, with any letter."""
        bare = self.text.rstrip("-_")
        for length in range(len(self.text), 0, -1):
            ends = length == len(self.text) or length == len(bare)
            if (ends or _is_joint(self.text, length)) and length <= NAME_MAX:
                yield self.text[:length]


def first_mention(text: str) -> Mention | None:
    """Find the first call in a text; `None` without one."""
    composed = unicodedata.normalize("NFC", text)
    readable = _without_links(_without_code(composed))
    for found in re.finditer("[@\uff20]", readable):
        start = found.start()
        name = _name_at(readable, start + 1)
        if name and _is_beginning(readable, start) and not _goes_on(readable, start + 1 + len(name)):
            return Mention(name, start)
    return None


def _is_beginning(text: str, at: int) -> bool:
    if at == 0:
        return True
    before = text[at - 1]
    return before not in _NO_CALL_AFTER and (not before.isalnum() or _RUN_TOGETHER.match(before) is not None)


def _name_at(text: str, start: int) -> str:
    end = start
    while end < len(text) and end - start <= NAME_MAX and _is_of_name(text[end]):
        end += 1
    return text[start:end] if end > start and text[start].isalnum() else ""


def _is_of_name(character: str) -> bool:
    return character.isalnum() or character in "-_" or unicodedata.category(character) in ("Mn", "Mc")


def _is_joint(text: str, at: int) -> bool:
    """Whether a word may end before `at`, between two letters."""
    if unicodedata.category(text[at]) in ("Mn", "Mc"):
        return False
    return _RUN_TOGETHER.match(text[at]) is not None or _RUN_TOGETHER.match(text[at - 1]) is not None


def _goes_on(text: str, end: int) -> bool:
    """Whether it is no name but the beginning of something longer: `@scope/package`, `@app.route`, `@host:port`."""
    return end + 1 < len(text) and text[end] in "./:@" and text[end + 1].isalnum() and text[end + 1].isascii()


def _without_code(text: str) -> str:
    """Replace code by spaces, so that what stands elsewhere stays where it is."""
    masked = _INDENTED.sub(_blank, _without_fences(text))
    position = 0
    while opening := _TICKS.search(masked, position):
        closing = re.compile(rf"(?<!`){opening[0]}(?!`)").search(masked, opening.end())
        if closing is None:
            position = opening.end()
            continue
        masked = masked[: opening.start()] + " " * (closing.end() - opening.start()) + masked[closing.end() :]
        position = closing.end()
    return masked


def _without_fences(text: str) -> str:
    parts, position = [], 0
    while opening := _FENCE.search(text, position):
        if opening[1][0] == "`" and "`" in opening[0].lstrip(" >").lstrip("`"):
            parts.append(text[position : opening.end()])  # a span in one line, as CommonMark has it
            position = opening.end()
            continue
        fence = rf"^ {{0,3}}(?:> ?)*{re.escape(opening[1][0])}{{{len(opening[1])},}}[ \t]*$"
        closing = re.compile(fence, re.MULTILINE).search(text, opening.end())
        end = len(text) if closing is None else closing.end()
        parts += [text[position : opening.start()], _blanks(text[opening.start() : end])]
        position = end
    return "".join(parts) + text[position:]


def _without_links(text: str) -> str:
    return _LINK.sub(_blank, text)


def _blank(found: re.Match[str]) -> str:
    return _blanks(found[0])


def _blanks(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
