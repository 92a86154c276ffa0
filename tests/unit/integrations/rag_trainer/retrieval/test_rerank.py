"""The second look at candidates."""

from __future__ import annotations

from integrations.rag_trainer.ports import Document, StoredChunk
from integrations.rag_trainer.results import Chunk
from integrations.rag_trainer.retrieval.address import address_of
from integrations.rag_trainer.retrieval.rerank import Candidate, Weights, distinct, rerank


def _stored(id: str, text: str, name: str = "a", start: int = 0, path: tuple[str, ...] = ()) -> StoredChunk:
    document = Document(name, "", "", "Title", "norms", "", None, "en", 1, 100, 0.0, "", 1)
    chunk = Chunk(id=id, number=0, start=start, end=start + len(text), text=text, kind="text", path=path, tokens=1)
    return StoredChunk(document, chunk)


def _order(question: str, candidates: list[Candidate], **weights: float) -> list[str]:
    only = {name: weights.get(name, 0.0) for name in Weights.__dataclass_fields__}
    ranked = rerank(question, candidates, address_of(question), Weights(**only))
    return [candidate.stored.chunk.id for candidate, _ in ranked]


def test_coverage_counts_rare_words_more() -> None:
    """Where all have `wall`, `sleeve` decides; a word in a heading counts too."""
    candidates = [
        Candidate(_stored("x", "a wall of brick"), 1.0),
        Candidate(_stored("y", "another wall"), 1.0),
        Candidate(_stored("z", "it is greased", path=("Sleeves",)), 1.0),
    ]
    assert _order("wall sleeve", candidates, coverage=1)[0] == "z"


def test_dense_and_fused() -> None:
    """Each sign alone can decide; a candidate without a cosine counts as the worst."""
    one = Candidate(_stored("one", "x"), 0.2, cosine=None)
    two = Candidate(_stored("two", "x"), 0.1, cosine=0.5)
    three = Candidate(_stored("three", "x"), 0.1, cosine=0.9)
    assert _order("wall", [one, two, three], dense=1)[0] == "three"
    assert _order("wall", [two, three, one], fused=1)[0] == "one"


def test_the_clause_of_the_named_document() -> None:
    """Another document's clause of the same number stays behind."""
    wrong = Candidate(_stored("wrong", "5.2.1 Fence", "other"), 1.0)
    right = Candidate(_stored("right", "5.2.1 Fence"), 1.0, named=True)
    beside = Candidate(_stored("beside", "5.2.2 Gate"), 1.0, named=True)
    assert _order("SP 48, 5.2.1", [wrong, beside, right], clause=1)[0] == "right"
    assert _order("SP 48, 5.2.1", [wrong, beside, right], document=1) == ["beside", "right", "wrong"]


def test_nothing_to_order() -> None:
    """No candidates, or a question without words, are no trouble."""
    assert _order("wall", [], coverage=1) == []
    assert _order("?!", [Candidate(_stored("x", "y"), 1.0)], coverage=1) == ["x"]


def test_five_passages_are_five_places() -> None:
    """An overlap of more than half of a better passage is left out; the same place in another document isn't."""
    text = "0123456789"
    ranked = [
        (Candidate(_stored("a", text), 1.0), 4.0),
        (Candidate(_stored("b", text, start=4), 1.0), 3.0),
        (Candidate(_stored("c", text, start=5), 1.0), 2.0),
        (Candidate(_stored("d", text, "other"), 1.0), 1.0),
    ]
    assert [one.stored.chunk.id for one, _ in distinct(ranked, 5)] == ["a", "c", "d"]
    assert [one.stored.chunk.id for one, _ in distinct(ranked, 2)] == ["a", "c"]
