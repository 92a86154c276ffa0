"""What retrieval is worth, with real documents, stages and models, on questions that nothing was tuned on.

A part of the labelled set, because its embedding takes its time; `python -m benchmarks.retrieval` measures all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean

import pytest

from benchmarks.retrieval.corpus import CORPUS, LabelledQuestion, papers, questions
from benchmarks.retrieval.measuring import judge
from benchmarks.retrieval.trained import Trained, trained

NAMES = frozenset(
    [
        "sp-911-winter-concrete.txt",
        "sp-912-masonry.txt",
        "sp-914-earthworks.txt",
        "sp-948-organisation.txt",
        "ppr-22-slab.txt",
        "contract-conditions.txt",
        "manual-lifting.txt",
        "spec-033000-concrete.txt",
        "spec-042000-masonry.txt",
        "bcs-305-scaffolds.txt",
    ]
)
FLOOR = 0.8


@pytest.fixture(scope="module")
def library() -> Iterator[Trained]:
    with trained(NAMES) as library:
        yield library


@pytest.fixture(scope="module")
def asked() -> list[LabelledQuestion]:
    every = questions("held-out", papers())
    return [one for one in every if all(label.document in NAMES for label in one.labels)]


def test_a_clause_is_a_chunk_of_its_own(library: Trained) -> None:
    """Offsets map back to the source: every chunk stands in its file where it says, and every clause is in one."""
    assert (library.documents, library.failed) == (len(NAMES), ())
    texts = {name: (CORPUS / name).read_text("utf-8") for name in NAMES}
    for one in library.chunks:
        assert texts[one.document.name][one.chunk.start : one.chunk.end] == one.chunk.text
    for name, paper in papers().items():
        if name in NAMES:
            places = [(one.chunk.start, one.chunk.end) for one in library.chunks if one.document.name == name]
            for start, end in paper.clauses.values():
                assert [place for place in places if place[0] <= start and end <= place[1]]


def test_words_and_vectors_together_find_more_than_words(library: Trained, asked: list[LabelledQuestion]) -> None:
    """And the answers' recall@5 keeps a floor, below what was measured."""
    assert len(asked) >= 12
    assert {one.language for one in asked} == {"ru", "en"}
    words = [judge(library.ask, one, "lexical", False) for one in asked]
    both = [judge(library.ask, one, "hybrid", True) for one in asked]
    assert fmean(gained for _, gained in both) >= fmean(gained for _, gained in words)
    assert fmean(recalled for recalled, _ in both) >= FLOOR
