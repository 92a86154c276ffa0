"""A second look at the candidates: how much of the question each one has, and whether it is what the question names.

It needs no model. The weights were found by random search for the best nDCG@10 on the tuning half of
benchmarks/retrieval (68 questions), with a clause for a chunk; the held-out half had no part in it. Through the real
stages, `python -m benchmarks.retrieval` says what nDCG@10 on the tuning half is without each sign, in place of 0.855:
fused 0.856, dense 0.792, coverage 0.712, document 0.853, clause 0.844. The nearness of words, a weight of headings of
their own, and the score of the search by words were tried and didn't help.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from integrations.rag_trainer.ports import StoredChunk
from integrations.rag_trainer.retrieval.address import Address
from integrations.rag_trainer.terms import terms


@dataclass(frozen=True, slots=True)
class Weights:
    """What each sign is worth; each sign is from 0 to 1.

    Attributes:
        fused: fused score, beside the best one.
        dense: cosine, beside the best and the worst candidate's.
        coverage: share of the question's words in the passage, its headings or its title; a rare word counting more.
        document: the question names the document.
        clause: the clause that the question names begins here.
    """

    fused: float = 0.1
    dense: float = 1.0
    coverage: float = 3.0
    document: float = 0.75
    clause: float = 0.25


WEIGHTS: Final = Weights()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that a search found.

    Attributes:
        fused: score of the fusion.
        cosine: of the dense search; `None`: it was not among its candidates.
        named: the question names its document.
    """

    stored: StoredChunk
    fused: float
    cosine: float | None = None
    named: bool = False


def rerank(
    question: str, candidates: Sequence[Candidate], address: Address, weights: Weights = WEIGHTS
) -> list[tuple[Candidate, float]]:
    """Order candidates by the weighted sum of their signs, best first; equal ones stay in their order."""
    asked = frozenset(terms(question))
    words = [_words(candidate.stored) for candidate in candidates]
    worth = _worth(asked, words)
    best = max((candidate.fused for candidate in candidates), default=1.0)
    cosines = [candidate.cosine for candidate in candidates if candidate.cosine is not None]
    low, high = min(cosines, default=0.0), max(cosines, default=0.0)
    scored = [
        (
            candidate,
            weights.fused * candidate.fused / best
            + weights.dense * _scaled(candidate.cosine, low, high)
            + weights.coverage * _share(asked & found, worth)
            + weights.document * candidate.named
            + weights.clause * _is_clause(candidate, address),
        )
        for candidate, found in zip(candidates, words, strict=True)
    ]
    return sorted(scored, key=lambda pair: -pair[1])


def distinct(ranked: Sequence[tuple[Candidate, float]], limit: int) -> list[tuple[Candidate, float]]:
    """Take the first `limit`, without those of which a better one of the same document has more than half: five
    passages are five places."""
    taken: list[tuple[Candidate, float]] = []
    for candidate, score in ranked:
        if len(taken) == limit:
            break
        if not any(_overlap(candidate.stored, other.stored) for other, _ in taken):
            taken.append((candidate, score))
    return taken


def _overlap(one: StoredChunk, other: StoredChunk) -> bool:
    if one.document.name != other.document.name:
        return False
    shared = min(one.chunk.end, other.chunk.end) - max(one.chunk.start, other.chunk.start)
    return 2 * shared > one.chunk.end - one.chunk.start


def _words(stored: StoredChunk) -> frozenset[str]:
    document = stored.document
    return frozenset(
        terms("\n".join((document.title, document.designation or "", *stored.chunk.path, stored.chunk.text)))
    )


def _worth(asked: frozenset[str], words: Sequence[frozenset[str]]) -> Mapping[str, float]:
    """Weigh the question's words by how few of the candidates have them."""
    return {word: math.log(1 + len(words) / (1 + sum(word in having for having in words))) for word in sorted(asked)}


def _share(having: frozenset[str], worth: Mapping[str, float]) -> float:
    total = math.fsum(worth.values())
    return math.fsum(worth[word] for word in having) / total if total else 0.0


def _scaled(cosine: float | None, low: float, high: float) -> float:
    if cosine is None:
        return 0.0
    return (cosine - low) / (high - low) if high > low else 1.0


def _is_clause(candidate: Candidate, address: Address) -> bool:
    # Every norm has a clause 5.2.1: without the document named, its number says little.
    return (candidate.named or not address.codes) and address.begins(
        candidate.stored.chunk.text, candidate.stored.chunk.path
    )
