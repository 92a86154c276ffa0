"""Answers out of a library."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from integrations.rag_trainer.answers import Question
from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.ports import (
    EVERYWHERE,
    EmbeddingFailed,
    Filter,
    Hit,
    Library,
    Matrix,
    StoredChunk,
    StoreFailed,
    Vector,
    WrongModel,
)
from integrations.rag_trainer.retrieval.searcher import Searcher
from integrations.rag_trainer.terms import terms
from integrations.rag_trainer.vectors.embedded import EmbeddedVectors
from tests.rag_index import chunks_of, document

NORM = (
    "СП 48.13330.2019. Организация строительства",
    "5.2.1 Высота ограждения два метра.",
    "5.2.2 Мойка колес зимой заменяется обдувом.",
)
OTHER = ("СП 77.13330.2020. Кровли", "5.2.1 Рулоны наплавляют снизу вверх.", "5.2.2 Нахлест сто миллиметров.")


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


class Broken(EmbeddedVectors):
    """A vector store whose server is away."""

    error: Exception = ConnectionError("https://user:secret@example.com")

    def nearest(self, vector: Vector, k: int, filter: Filter = EVERYWHERE) -> list[Hit]:
        raise self.error


class Vanishing(SqliteLibrary):
    """A library from which a document goes between the search and the reading."""

    def chunks(self, ids: Sequence[str]) -> list[StoredChunk]:
        return [one for one in super().chunks(ids) if one.document.name != "norm.txt"]


def _clock() -> Callable[[], float]:
    ticks = count()
    return lambda: next(ticks) * 0.001


def _filled(path: Path, kind: type[SqliteLibrary] = SqliteLibrary) -> SqliteLibrary:
    library = kind(path)
    embedder = Bags()
    for name, (title, *clauses) in (("norm.txt", NORM), ("other.txt", OTHER)):
        number = title.partition(". ")[0]
        put = replace(document(name, 2), title=title, designation=number)
        library.put(put, chunks_of(name, clauses, embedder.embed(clauses).tolist(), model=embedder.model))
    return library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[SqliteLibrary]:
    library = _filled(tmp_path / "library.sqlite")
    yield library
    library.close()


def _searcher(library: Library, store: EmbeddedVectors | None = None) -> Searcher:
    if store is None:
        assert isinstance(library, SqliteLibrary)
        store = EmbeddedVectors(library)
    return Searcher(library, store, Bags(), _clock())


def test_a_passage_says_where_it_stands(library: SqliteLibrary) -> None:
    """Document, title, designation, headings, place, ranks in both searches, and what it took."""
    answer = _searcher(library).ask(Question(text="высота ограждения", limit=1))
    (passage,) = answer.passages
    assert (passage.text, passage.start, passage.end) == (NORM[1], 0, len(NORM[1]))
    assert (passage.document, passage.designation, passage.path) == ("norm.txt", "СП 48.13330.2019", ("Глава",))
    assert passage.title.endswith("Организация строительства")
    assert (passage.dense_rank, passage.lexical_rank) == (1, 1)
    assert set(answer.timings_ms) == {"embed", "dense", "lexical", "fuse", "rerank", "total"}
    assert answer.timings_ms["total"] > answer.timings_ms["lexical"] > 0
    assert (answer.documents, answer.chunks, answer.notes) == (2, 4, ())


@pytest.mark.parametrize("question", ["п. 5.2.1 СП 48", "СП 48.13330.2019 пункт 5.2.1", "пункт 5.2.1 СП 48.13330"])
@pytest.mark.parametrize("mode", ["hybrid", "lexical"])
def test_a_clause_is_found_by_its_number(library: SqliteLibrary, question: str, mode: str) -> None:
    """Though another norm has a clause of that number too."""
    asked = Question.model_validate({"text": question, "mode": mode})
    first = _searcher(library).ask(asked).passages[0]
    assert (first.document, first.text[:5]) == ("norm.txt", "5.2.1")


def test_filters_narrow_every_search(library: SqliteLibrary) -> None:
    """Also the one for what the question names."""
    asked = Question(text="п. 5.2.1 СП 48", names=("other.txt",))
    assert {passage.document for passage in _searcher(library).ask(asked).passages} == {"other.txt"}
    assert _searcher(library).ask(Question(text="высота", languages=("en",))).passages == ()


def test_a_filter_that_no_document_passes_is_told(library: SqliteLibrary) -> None:
    """With what there is: a misspelt value looks like a question without an answer."""

    def notes(**filter: tuple[str, ...]) -> tuple[str, ...]:
        return _searcher(library).ask(Question.model_validate({"text": "высота", **filter})).notes

    assert notes(types=("norm",)) == ("no document has the type norm; there are: norms",)
    assert notes(names=("a", "b")) == ("no document has the name a or b; there are: norm.txt, other.txt",)
    assert notes(languages=("ru", "xx"), types=("norms",), names=("norm.txt",)) == ()
    for number in range(20):
        library.put(document(f"{number:02}", 1), chunks_of(f"h{number}", ["x"], [[1.0] * 64], model="bags"))
    assert notes(names=("a",))[0].endswith("00, 01, 02, 03, 04, 05, 06, 07, 08, 09 and 12 more")


@pytest.mark.parametrize("mode", ["hybrid", "dense"])
def test_without_a_model_words_are_searched_and_it_is_said(library: SqliteLibrary, mode: str) -> None:
    """A question that wanted only vectors gets nothing, and the reason."""
    answer = Searcher(library, None, None, _clock()).ask(Question.model_validate({"text": "мойка колес", "mode": mode}))
    assert any("dense search was left out" in note for note in answer.notes)
    assert bool(answer.passages) == (mode == "hybrid")


def test_a_dense_search_that_fails(library: SqliteLibrary) -> None:
    """Words answer a hybrid question, with a note that has no address or password in it; a dense one fails."""
    store = Broken(library)
    searcher = _searcher(library, store)
    answer = searcher.ask(Question(text="мойка колес"))
    assert answer.passages[0].text.startswith("5.2.2 Мойка")
    assert answer.notes == ("dense search was left out: it failed (ConnectionError)",)
    with pytest.raises(ConnectionError):
        searcher.ask(Question(text="мойка колес", mode="dense"))
    for kind in (EmbeddingFailed, StoreFailed, WrongModel):
        store.error = kind("set embedding.api_key")
        notes = searcher.ask(Question(text="мойка колес")).notes
        assert notes == ("dense search was left out: set embedding.api_key",)


def test_an_empty_library(tmp_path: Path) -> None:
    """An empty answer with a note."""
    empty = SqliteLibrary(tmp_path / "empty.sqlite")
    answer = _searcher(empty).ask(Question(text="x"))
    empty.close()
    assert (answer.passages, answer.documents) == ((), 0)
    assert "empty" in answer.notes[0]


def test_what_has_vanished_is_left_out(tmp_path: Path) -> None:
    """The rest of the answer stands."""
    library = _filled(tmp_path / "l", Vanishing)
    answer = _searcher(library).ask(Question(text="5.2.1 высота рулоны"))
    assert {passage.document for passage in answer.passages} == {"other.txt"}
    library.close()


def test_a_document_is_found_by_its_name_alone(library: SqliteLibrary) -> None:
    """Its clauses say nothing of it: a norm names itself on its cover."""
    for text in ("СП 77.13330", "what does СП 77.13330.2020 say?", "кровля"):
        answer = _searcher(library).ask(Question(text=text, mode="lexical"))
        assert answer.passages[0].document == "other.txt"


def test_modes_and_limits(library: SqliteLibrary) -> None:
    """A mode leaves the other search out; no more passages than asked for; the same question, the same answer."""
    lexical = _searcher(library).ask(Question(text="мойка", mode="lexical", rerank=False, limit=1))
    assert len(lexical.passages) == 1
    assert "dense" not in lexical.timings_ms
    assert "rerank" not in lexical.timings_ms
    dense = _searcher(library).ask(Question(text="мойка", mode="dense"))
    assert all(passage.lexical_rank is None for passage in dense.passages)
    assert dense == _searcher(library).ask(Question(text="мойка", mode="dense"))
