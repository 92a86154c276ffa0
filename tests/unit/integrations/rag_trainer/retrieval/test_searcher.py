"""Answers out of a library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

import numpy as np
import pytest

from benchmarks.retrieval.corpus import Paper
from benchmarks.retrieval.memory_index import MemoryIndex
from integrations.rag_trainer.answers import Question
from integrations.rag_trainer.ports import EVERYWHERE, Filter, Hit, Matrix, StoredChunk, Vector
from integrations.rag_trainer.retrieval.searcher import Searcher
from integrations.rag_trainer.terms import terms

NORM = Paper(
    "norm.txt",
    "СП 48.13330.2019\n\nСВОД ПРАВИЛ\n\nОрганизация строительства\n\n5 Подготовка\n\n"
    "5.2.1 Высота ограждения два метра.\n\n"
    "5.2.2 Мойка колес зимой заменяется обдувом.\n",
)
OTHER = Paper(
    "other.txt",
    "СП 77.13330.2020\n\nСВОД ПРАВИЛ\n\nКровли\n\n5 Ковер\n\n"
    "5.2.1 Рулоны наплавляют снизу вверх.\n\n5.2.2 Нахлест сто миллиметров.\n",
)
PAPERS = {paper.name: paper for paper in (NORM, OTHER)}


class Bags:
    """An embedder of words: each term has a dimension of its own, by the order in which they come."""

    model = "bags"
    dimensions = 64
    max_tokens = 1_000

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def count(self, text: str) -> int:
        return len(terms(text))

    def embed(self, texts: Sequence[str]) -> Matrix:
        rows = np.full((len(texts), self.dimensions), 1e-6, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for term in terms(text):
                row[self._known.setdefault(term, len(self._known) % self.dimensions)] += 1
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    def close(self) -> None:
        """Nothing is held."""


class Broken(MemoryIndex):
    """A vector store whose server is away."""

    def nearest(self, vector: Vector, k: int, filter: Filter = EVERYWHERE) -> list[Hit]:
        raise ConnectionError("https://user:secret@example.com")


class Vanishing(MemoryIndex):
    """A library from which a document goes between the search and the reading."""

    def chunks(self, ids: Sequence[str]) -> list[StoredChunk]:
        return [one for one in super().chunks(ids) if one.document.name != "norm.txt"]


def _clock() -> Callable[[], float]:
    ticks = count()
    return lambda: next(ticks) * 0.001


def _searcher(index: MemoryIndex | None = None) -> Searcher:
    embedder = Bags()
    index = index or MemoryIndex(PAPERS, embedder)
    return Searcher(index, index, embedder, _clock())


def test_a_passage_says_where_it_stands() -> None:
    """Document, title, designation, headings, place, ranks in both searches, and what it took."""
    answer = _searcher().ask(Question(text="высота ограждения", limit=1))
    (passage,) = answer.passages
    assert NORM.text[passage.start : passage.end] == passage.text == "5.2.1 Высота ограждения два метра."
    assert (passage.document, passage.designation, passage.path) == ("norm.txt", "СП 48.13330.2019", ("5 Подготовка",))
    assert passage.title.endswith("Организация строительства")
    assert (passage.dense_rank, passage.lexical_rank) == (1, 1)
    assert set(answer.timings_ms) == {"embed", "dense", "lexical", "fuse", "rerank", "total"}
    assert answer.timings_ms["total"] > answer.timings_ms["lexical"] > 0
    assert (answer.documents, answer.chunks, answer.notes) == (2, 4, ())


@pytest.mark.parametrize("question", ["п. 5.2.1 СП 48", "СП 48.13330.2019 пункт 5.2.1", "пункт 5.2.1 СП 48.13330"])
@pytest.mark.parametrize("mode", ["hybrid", "lexical"])
def test_a_clause_is_found_by_its_number(question: str, mode: str) -> None:
    """Though another norm has a clause of that number too."""
    asked = Question.model_validate({"text": question, "mode": mode})
    first = _searcher().ask(asked).passages[0]
    assert (first.document, first.text[:5]) == ("norm.txt", "5.2.1")


def test_filters_narrow_every_search() -> None:
    """Also the one for what the question names."""
    asked = Question(text="п. 5.2.1 СП 48", names=("other.txt",))
    assert {passage.document for passage in _searcher().ask(asked).passages} == {"other.txt"}
    assert _searcher().ask(Question(text="высота", languages=("en",))).passages == ()


@pytest.mark.parametrize("mode", ["hybrid", "dense"])
def test_without_a_model_words_are_searched_and_it_is_said(mode: str) -> None:
    """A question that wanted only vectors gets nothing, and the reason."""
    index = MemoryIndex(PAPERS, None)
    answer = Searcher(index, None, None, _clock()).ask(Question.model_validate({"text": "мойка колес", "mode": mode}))
    assert any("dense search was left out" in note for note in answer.notes)
    assert bool(answer.passages) == (mode == "hybrid")


def test_a_dense_search_that_fails() -> None:
    """Words answer a hybrid question, with a note that has no address or password in it; a dense one fails."""
    searcher = _searcher(Broken(PAPERS, Bags()))
    answer = searcher.ask(Question(text="мойка колес"))
    assert answer.passages[0].text.startswith("5.2.2 Мойка")
    assert answer.notes == ("dense search was left out: it failed (ConnectionError)",)
    with pytest.raises(ConnectionError):
        searcher.ask(Question(text="мойка колес", mode="dense"))


def test_an_empty_library() -> None:
    """An empty answer with a note."""
    answer = _searcher(MemoryIndex({}, None)).ask(Question(text="x"))
    assert (answer.passages, answer.documents) == ((), 0)
    assert "empty" in answer.notes[0]


def test_what_has_vanished_is_left_out() -> None:
    """The rest of the answer stands."""
    answer = _searcher(Vanishing(PAPERS, Bags())).ask(Question(text="5.2.1 высота рулоны"))
    assert {passage.document for passage in answer.passages} == {"other.txt"}


def test_modes_and_limits() -> None:
    """A mode leaves the other search out; no more passages than asked for; the same question, the same answer."""
    lexical = _searcher().ask(Question(text="мойка", mode="lexical", rerank=False, limit=1))
    assert len(lexical.passages) == 1
    assert "dense" not in lexical.timings_ms
    assert "rerank" not in lexical.timings_ms
    dense = _searcher().ask(Question(text="мойка", mode="dense"))
    assert all(passage.lexical_rank is None for passage in dense.passages)
    assert dense == _searcher().ask(Question(text="мойка", mode="dense"))
