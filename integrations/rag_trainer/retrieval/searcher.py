"""Answers a question out of a library: searches by words and by vectors, fuses, and looks again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final
from unicodedata import normalize

from integrations.rag_trainer.answers import Answer, Passage, Question
from integrations.rag_trainer.ports import (
    Document,
    Embedder,
    EmbeddingFailed,
    Filter,
    Hit,
    Library,
    StoredChunk,
    StoreFailed,
    VectorStore,
    WrongModel,
)
from integrations.rag_trainer.retrieval.address import Address, address_of, addressed
from integrations.rag_trainer.retrieval.fusion import fuse
from integrations.rag_trainer.retrieval.rerank import WEIGHTS, Candidate, Weights, distinct, rerank
from integrations.rag_trainer.terms import terms

_CANDIDATES: Final = 100
"""Chunks of each search that are fused, at least."""
_LOOKED_AT: Final = 50
"""Chunks that are looked at again, at least."""
_NAMED: Final = 10
"""Values that a note lists."""
_OPENING: Final = 400
"""Characters from the start of a document in which its number may stand."""


@dataclass(slots=True)
class _Found:
    """What the searches of one question found."""

    dense: Sequence[Hit] = ()
    lexical: Sequence[Hit] = ()
    named: Sequence[Hit] = ()
    names: frozenset[str] = frozenset()
    notes: list[str] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)


class Searcher:
    """Asks one library. Used by one thread at a time.

    Args:
        store: where vectors are searched; `None`, or no embedder: questions are answered by words alone, with a note.
        clock: seconds, never falling.
        weights: of the re-ranking.
    """

    def __init__(
        self,
        library: Library,
        store: VectorStore | None,
        embedder: Embedder | None,
        clock: Callable[[], float],
        weights: Weights = WEIGHTS,
    ) -> None:
        self._library = library
        self._store = store
        self._embedder = embedder
        self._clock = clock
        self._weights = weights

    def ask(self, question: Question) -> Answer:
        """Answer a question. An empty library gives an empty answer with a note.

        In the mode `hybrid` a dense search that fails is left out, with a note. In the mode `dense` its failure passes
        through.
        """
        began = self._clock()
        documents = self._library.documents()
        found = _Found()
        ranked: list[tuple[Candidate, float]] = []
        if documents:
            ranked = self._ranked(question, documents, found)
        else:
            found.notes.append("the library is empty: train documents first")
        found.timings["total"] = (self._clock() - began) * 1_000
        return Answer(
            question=question.text,
            mode=question.mode,
            passages=tuple(_passages(ranked, found)),
            timings_ms=found.timings,
            documents=len(documents),
            chunks=sum(document.chunks for document in documents),
            notes=tuple(found.notes),
        )

    def _ranked(self, question: Question, documents: list[Document], found: _Found) -> list[tuple[Candidate, float]]:
        where = Filter(question.names, question.types, question.subtypes, question.designations, question.languages)
        found.notes.extend(_absent(where, documents))
        k = max(_CANDIDATES, 4 * question.limit)
        address = address_of(question.text)
        if question.mode != "lexical":
            self._search_dense(question, k, where, found)
        if question.mode != "dense":
            with self._timed("lexical", found):
                words = terms(question.text)
                found.lexical = self._library.matching(words, k, where)
                found.names = self._names(address, documents, where)
                if found.names:
                    found.named = self._library.matching(words, k, _narrowed(where, found.names))
        with self._timed("fuse", found):
            fused = fuse([[hit.id for hit in hits] for hits in (found.dense, found.lexical, found.named) if hits])
            looked_at = fused[: max(_LOOKED_AT, 2 * question.limit)]
            candidates = self._candidates(looked_at, found)
        if not question.rerank:
            return [(candidate, candidate.fused) for candidate in candidates][: question.limit]
        with self._timed("rerank", found):
            return distinct(rerank(question.text, candidates, address, self._weights), question.limit)

    def _search_dense(self, question: Question, k: int, where: Filter, found: _Found) -> None:
        if self._store is None or self._embedder is None:
            found.notes.append("dense search was left out: there is no embedding model or no vectors")
            return
        try:
            with self._timed("embed", found):
                vector = self._embedder.embed([question.text])[0]
            with self._timed("dense", found):
                found.dense = self._store.nearest(vector, k, where)
        except Exception as error:
            if question.mode == "dense":
                raise
            # Of others the type alone: a client's text may have an address or a key in it.
            told = (
                str(error)
                if isinstance(error, (EmbeddingFailed, StoreFailed, WrongModel))
                else f"it failed ({type(error).__name__})"
            )
            found.notes.append(f"dense search was left out: {told}")

    def _names(self, address: Address, documents: list[Document], where: Filter) -> frozenset[str]:
        """Find the documents that the question names: by what is known of them, else by what they begin with."""
        if not address.codes:
            return frozenset()
        known = addressed(address, documents)
        if not known:
            words = sorted({term for code in address.codes for part in code for term in terms(part)})
            openings = self._library.chunks([hit.id for hit in self._library.matching(words, _CANDIDATES, where)])
            known = frozenset(
                one.document.name
                for one in openings
                if one.chunk.start < _OPENING and address.is_of("\n".join((*one.chunk.path, one.chunk.text)))
            )
        return known & frozenset(where.names) if where.names else known

    def _candidates(self, fused: Sequence[Hit], found: _Found) -> list[Candidate]:
        cosines = {hit.id: hit.score for hit in found.dense}
        scores = {hit.id: hit.score for hit in fused}
        # What has vanished since the search isn't among them.
        stored: list[StoredChunk] = self._library.chunks([hit.id for hit in fused])
        return [
            Candidate(
                one,
                fused=scores[one.chunk.id],
                cosine=cosines.get(one.chunk.id),
                named=one.document.name in found.names,
            )
            for one in stored
        ]

    @contextmanager
    def _timed(self, step: str, found: _Found) -> Iterator[None]:
        began = self._clock()
        try:
            yield
        finally:
            found.timings[step] = (self._clock() - began) * 1_000


def _absent(where: Filter, documents: Sequence[Document]) -> Iterator[str]:
    """Say which field of a filter no document has any value of: a misspelt one looks like a question without answer."""
    for word, wanted, there in (
        ("name", where.names, {document.name for document in documents}),
        ("type", where.types, {document.type for document in documents}),
        ("subtype", where.subtypes, {document.subtype for document in documents}),
        ("designation", where.designations, {document.designation or "" for document in documents}),
        ("language", where.languages, {document.language for document in documents}),
    ):
        if wanted and not there & {normalize("NFC", value) for value in wanted}:
            known = sorted(there - {""})
            more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
            told = ", ".join(known[:_NAMED]) or "none"
            yield f"no document has the {word} {' or '.join(wanted[:_NAMED])}; there are: {told}{more}"


def _narrowed(where: Filter, names: frozenset[str]) -> Filter:
    return replace(where, names=tuple(sorted(names)))


def _passages(ranked: Sequence[tuple[Candidate, float]], found: _Found) -> Iterator[Passage]:
    dense = {hit.id: rank for rank, hit in enumerate(found.dense, start=1)}
    lexical = {hit.id: rank for rank, hit in enumerate(found.lexical, start=1)}
    for candidate, score in ranked:
        chunk, document = candidate.stored.chunk, candidate.stored.document
        yield Passage(
            id=chunk.id,
            document=document.name,
            title=document.title,
            type=document.type,
            designation=document.designation,
            path=chunk.path,
            page=chunk.page,
            start=chunk.start,
            end=chunk.end,
            text=chunk.text,
            score=score,
            dense_rank=dense.get(chunk.id),
            lexical_rank=lexical.get(chunk.id),
        )
