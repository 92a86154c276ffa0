"""From clues to a type with a confidence.

The confidence is a softmax over the scores of all types, those for which nothing speaks with 0. `generic` has a score
of its own that the others have to beat, so that a text with one stray clue stays generic; a text for which nothing
speaks at all is generic with a confidence of about 0.6, because it may be any type that lost its title. Scores are
divided by a temperature of 1, which makes accuracy rise with confidence on documents that lost their first lines, and
fits those of the tuned half (`tests/data/recognition/types`) about as well as the best one, 0.8. How well it fits
others is measured by `python -m benchmarks.recognition`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

GENERIC: Final = "generic"
GENERIC_SCORE: Final = 2.5
TEMPERATURE: Final = 1.0
HIGHEST: Final = 0.99
"""No text is certain."""


class Evidence(NamedTuple):
    """Something found in a text that speaks for a type.

    Attributes:
        words: what was found, as people are told.
    """

    type: str
    subtype: str
    weight: float
    words: str


class Verdict(NamedTuple):
    """The type that has most for it; `confidence` is the share of it among all types."""

    type: str
    subtype: str
    confidence: float
    reasons: tuple[str, ...]


def judge(evidence: Iterable[Evidence], types: Iterable[str] = (), *, temperature: float = TEMPERATURE) -> Verdict:
    """Weigh what was found. Of equal types the first in the alphabet counts, so the order of the evidence doesn't.

    Args:
        types: those that it may be beside `generic`; types for which there is evidence needn't be named.
    """
    by_type: dict[str, list[Evidence]] = defaultdict(list)
    for piece in evidence:
        by_type[piece.type].append(piece)
    scores = dict.fromkeys(types, 0.0) | {GENERIC: GENERIC_SCORE}
    scores |= {type: sum(piece.weight for piece in pieces) for type, pieces in by_type.items()}
    best = min(scores, key=lambda type: (-scores[type], type))
    share = 1 / sum(math.exp((score - scores[best]) / temperature) for score in scores.values())
    found = sorted(by_type[best], key=lambda piece: (-piece.weight, piece.words))
    reasons = tuple(dict.fromkeys(piece.words for piece in found))
    return Verdict(
        best, _subtype(found), round(min(share, HIGHEST), 2), reasons or ("nothing speaks for another type",)
    )


def _subtype(found: list[Evidence]) -> str:
    weights: dict[str, float] = defaultdict(float)
    for piece in found:
        if piece.subtype:
            weights[piece.subtype] += piece.weight
    return min(weights, key=lambda subtype: (-weights[subtype], subtype)) if weights else ""
