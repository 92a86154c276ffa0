from __future__ import annotations

from itertools import count

from benchmarks.retrieval.cost import Cost, cost, lengthened
from tests.rag_index import LetterEmbedder


def test_the_cost_is_for_a_thousand_chunks() -> None:
    """By the clock that is given; a first run, which may load something, doesn't count."""
    embedder = LetterEmbedder()
    ticks = count(10)
    assert cost(embedder, "ru", ["one", "four five", "six"] * 2, lambda: float(next(ticks))) == Cost(
        "ru", 6, 8 / 6, 1_000 / 6
    )
    assert embedder.texts[0] == "one"
    assert len(embedder.texts) == 7


def test_long_texts_are_neighbours_together() -> None:
    """Up to 220 tokens; all of the words, in their order."""
    embedder = LetterEmbedder()
    texts = ["word " * 90 + str(n) for n in range(5)]
    joined = lengthened(embedder, texts)
    assert "\n".join(joined) == "\n".join(texts)
    assert [embedder.count(text) for text in joined] == [182, 182, 91]
    assert lengthened(embedder, ["word " * 300]) == ["word " * 300]
    assert lengthened(embedder, []) == []
