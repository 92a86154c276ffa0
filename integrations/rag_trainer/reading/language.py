"""The language of a text, by its letters."""

from __future__ import annotations

import re
from typing import Final, Literal

_SAMPLE: Final = 200_000
_RUSSIAN: Final = re.compile("[а-яё]", re.IGNORECASE)
_ENGLISH: Final = re.compile("[a-z]", re.IGNORECASE | re.ASCII)
_LETTER: Final = re.compile(r"[^\W\d_]")
_FEWEST: Final = 8
_FOREIGN: Final = 0.03
_CYRILLIC_LEAST: Final = 0.35


def language(text: str) -> Literal["ru", "en", "und"]:
    """Tell Russian from English; all else is `und`, as a text with hardly a letter is.

    Russian is a text of which at least 35 % of the letters are Russian: such documents are full of Latin marks, and
    English ones have no Russian letters. More than 3 % of other letters (і, ї, ö, é, α ...) are some other language.
    Looks at the first 200,000 characters.
    """
    sample = text[:_SAMPLE]
    letters = len(_LETTER.findall(sample))
    russian, english = len(_RUSSIAN.findall(sample)), len(_ENGLISH.findall(sample))
    if letters < _FEWEST or letters - russian - english > _FOREIGN * letters:
        return "und"
    return "ru" if russian >= _CYRILLIC_LEAST * letters else "en"
