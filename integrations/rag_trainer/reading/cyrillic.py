"""Which of the old Cyrillic encodings bytes are in, by how often Russian letters and pairs of them occur."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from math import log
from typing import Final

ENCODINGS: Final = ("cp1251", "koi8-r", "cp866", "iso8859-5")

_PER_MILLE: Final = dict(
    zip(
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
        map(
            int,
            re.findall(
                r"\d+", "110 85 80 74 67 63 55 47 45 44 35 32 30 28 26 20 19 17 17 17 16 14 12 10 9 7 6 5 4 3 3 1 1"
            ),
        ),
        strict=True,
    )
)
"""How often each letter occurs in Russian texts, per thousand letters, rounded: general knowledge of the language."""
_PAIRS: Final = re.findall(
    "..",
    "стнотонаеновниравокорогоосрепоераллинеотолпрортаетесомтеанловальатондеогоббыныелриеминлалекадаиттьдо"
    "скзамосоияиеойыйыхихкиннсячтакамавасвевивыдиедебезейекжежнизилимислнлулямамемимынтнуняодокоппапепипл"
    "рурырясвсесислсмсптвтитртутыусудулутучхочечишещиэт",
)
"""Pairs of letters that are common in Russian: most pairs of a text are among them, and few of what a wrong encoding
makes of it. Letters alone don't tell koi8-r from cp1251 in a line of capitals."""
_PAIR_WEIGHT: Final = 3.0
_SWAPPED: Final = re.compile("[а-яё][А-ЯЁ]")
_SWAPPED_WEIGHT: Final = -3.0
_CAPITAL: Final = 0.6
"""How probable a capital is against the small letter."""
_SAMPLE: Final = 65_536
_STRANGE: Final = log(0.0001)
"""For a character that isn't a letter, such as a piece of a frame: between letters it speaks against the encoding."""
_COMMON_SIGNS: Final = frozenset("«»№–—“”„…°\u00a0")
_SIGN: Final = log(0.004)


def _weight(byte: int, encoding: str) -> float:
    char = bytes((byte,)).decode(encoding, "replace")
    if char in _COMMON_SIGNS:
        return _SIGN
    share = _PER_MILLE.get(char.lower(), 0) / 1000
    if not share:
        return _STRANGE
    return log(share if char.islower() else share * _CAPITAL)


_WEIGHTS: Final = {name: [_weight(byte, name) for byte in range(128, 256)] for name in ENCODINGS}


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding.

    Attributes:
        letters: bytes above 127 that spoke.
        margin: by how much it is better than the next one: logarithm of the likelihood, per byte.
    """

    encoding: str
    letters: int
    margin: float


def guess(data: bytes) -> Guess:
    """Say which encoding makes the most Russian of these bytes; ASCII says nothing.

    Counts letters in all of the data, and pairs of letters in its first 64 KiB.
    """
    letters, scores = _by_letters(data)
    for name in ENCODINGS:
        scores[name] += _by_pairs(data[:_SAMPLE].decode(name, "replace"))
    return _best(letters, scores)


def differs(data: bytes, encoding: str, letters: int, margin: float) -> Guess | None:
    """Return the guess for a piece if it is another encoding than `encoding`, and so by at least these figures.

    Letters alone are counted first, which is fast and lets hardly any piece through.
    """
    if _best(*_by_letters(data)).encoding == encoding:
        return None
    found = guess(data)
    return found if found.encoding != encoding and found.letters >= letters and found.margin >= margin else None


def _best(letters: int, scores: dict[str, float]) -> Guess:
    best, second = sorted(scores, key=lambda name: -scores[name])[:2]
    return Guess(best, letters, scores[best] - scores[second])


def _by_letters(data: bytes) -> tuple[int, dict[str, float]]:
    counts = [(byte - 128, count) for byte, count in Counter(data).items() if byte > 127]
    letters = sum(count for _, count in counts)
    return letters, {
        name: sum(count * weights[byte] for byte, count in counts) / max(letters, 1)
        for name, weights in _WEIGHTS.items()
    }


def _by_pairs(text: str) -> float:
    low = text.lower()
    letters = max(1, sum(char > "\x7f" for char in low))
    common = sum(low.count(pair) for pair in _PAIRS)
    return (_PAIR_WEIGHT * common + _SWAPPED_WEIGHT * len(_SWAPPED.findall(text))) / letters
