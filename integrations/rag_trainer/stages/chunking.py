"""13: chunks and their vectors."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID, uuid5

import numpy as np

from integrations.rag_trainer.chunking.segments import Segment, segments
from integrations.rag_trainer.chunking.splitting import Splitter
from integrations.rag_trainer.chunking.titles import title_of
from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.ports import Embedder, EmbeddingFailed, Matrix
from integrations.rag_trainer.results import Chunk, Chunks, Duplicate, Metadata, Section, Structure, Text
from integrations.rag_trainer.stage import StageFailed

NAMESPACE: Final = UUID("5b0c6a0e-3f0b-5f0e-9a55-0d6f2f4f7c11")
"""Of the ids of chunks. Never changes: ids of one file are the same in every library."""

_BATCH: Final = 32
_SEPARATOR: Final = " > "


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    kind: Literal["text", "table"]
    path: tuple[str, ...]
    embedded: str


class Chunking:
    """Cuts the text into chunks, and has the model make their vectors.

    A chunk lies in one section's own text, or in one table. A heading without text of its own goes with the first text
    below it. Sections are not joined, however short: a clause of a norm is often one line, and is what an answer cites;
    what it lacks, the document's title and the headings above it, is embedded with it. A long section is cut at the
    ends of paragraphs, else of sentences, else of words, and neighbours overlap; a long table is cut between rows,
    without overlap, and its first row is embedded with each part.

    Args:
        embedder: counts tokens, and makes vectors of `title > headings > above`, a line feed and the chunk's text.
    """

    def __init__(self, embedder: Embedder, limits: Limits) -> None:
        self._embedder = embedder
        self._limits = limits
        self._tokens = min(limits.chunk_tokens, embedder.max_tokens)

    @property
    def name(self) -> str:
        """What it does."""
        return "chunking and embeddings"

    @property
    def result(self) -> type[Chunks]:
        """What it makes."""
        return Chunks

    def run(self, draft: Draft) -> Chunks:
        """Make chunks, with ids of the file's hash and their number: the same file has the same ids.

        Raises:
            StageFailed: `no_chunks`: there is nothing to find in the text; `too_many_chunks`: more than the limit;
                `embedding`: the endpoint for vectors refused or failed.
        """
        text, structure = draft[Text], draft[Structure]
        title = title_of(draft[Metadata], text)
        pages = [page.start for page in text.pages]
        chunks: list[Chunk] = []
        rows: list[Matrix] = []
        waiting: list[str] = []
        for number, piece in enumerate(self._pieces(text.text, structure, title)):
            if number == self._limits.chunks:
                raise StageFailed(
                    "too_many_chunks",
                    f"Expected at most {number} chunks; the text makes more: part the file, or raise limits.chunks.",
                )
            at = bisect_right(pages, piece.start) - 1
            chunks.append(
                Chunk(
                    id=str(uuid5(NAMESPACE, f"{draft[Duplicate].file_hash}/{number}")),
                    number=number,
                    start=piece.start,
                    end=piece.end,
                    text=text.text[piece.start : piece.end],
                    kind=piece.kind,
                    path=piece.path,
                    page=text.pages[at].number if at >= 0 else None,
                    tokens=max(1, self._embedder.count(piece.embedded)),
                )
            )
            waiting.append(piece.embedded)
            if len(waiting) == _BATCH:
                rows.append(self._embed(waiting))
                waiting = []
        if not chunks:
            raise StageFailed("no_chunks", "Expected text to make chunks of; there is none that can be read.")
        if waiting:
            rows.append(self._embed(waiting))
        vectors = np.concatenate(rows).astype("<f4")
        tables = sum(chunk.kind == "table" for chunk in chunks)
        longest = max(chunk.tokens for chunk in chunks)
        return Chunks(
            log=f"{len(chunks)} chunks ({tables} of tables), up to {longest} tokens, vectors by {self._embedder.model}",
            chunks=tuple(chunks),
            model=self._embedder.model,
            dimensions=vectors.shape[1],
            vectors=vectors.tobytes(),
        )

    def _embed(self, texts: list[str]) -> Matrix:
        try:
            return self._embedder.embed(texts)
        except EmbeddingFailed as error:
            raise StageFailed("embedding", str(error)) from None

    def _pieces(self, text: str, structure: Structure, title: str) -> Iterator[_Piece]:
        for segment in segments(text, structure):
            above = [structure.sections[index] for index in segment.above]
            if segment.kind == "table":
                yield from self._table(text, segment, above, title)
            else:
                yield from self._text(text, segment, above, title)

    def _text(self, text: str, segment: Segment, above: list[Section], title: str) -> Iterator[_Piece]:
        # What comes first may begin with its own heading; the parts after it have that above them. There is room to be
        # left for the longer one of both: a long heading may leave no place for those above it.
        before = [section for section in above if section.start < segment.start]
        heads = (self._head(title, _path(before)), self._head(title, _path(above)))
        head = max(heads, key=self._embedder.count)
        for start, end in self._splitter(head, self._limits.overlap_tokens).split(text, segment.start, segment.end):
            path = _path([section for section in above if section.start < start])
            yield _Piece(start, end, "text", path, self._head(title, path) + text[start:end])

    def _table(self, text: str, segment: Segment, above: list[Section], title: str) -> Iterator[_Piece]:
        path = _path(above)
        head = self._head(title, path)
        whole = [(segment.start, segment.end)]
        spans = self._splitter(head, 0).split(text, segment.start, segment.end)
        header = ""
        if spans != whole:
            header = text[segment.start : segment.end].partition("\n")[0] + "\n"
            if self._embedder.count(head + header) > self._tokens // 2:
                header = ""
            spans = self._splitter(head + header, 0).split(text, segment.start, segment.end)
        for start, end in spans:
            repeated = header if start > segment.start else ""
            yield _Piece(start, end, "table", path, head + repeated + text[start:end])

    def _splitter(self, head: str, overlap: int) -> Splitter:
        return Splitter(self._embedder.count, self._tokens, overlap, head)

    def _head(self, title: str, path: tuple[str, ...]) -> str:
        """Return what is embedded with a text: from the innermost heading as many as fit in half a chunk, and the title
        if it fits then, and isn't the outermost heading anyway."""
        parts = path if not title or title in path[:1] else (title, *path)
        while parts and self._embedder.count(head := _SEPARATOR.join(parts) + "\n") > self._tokens // 2:
            parts = parts[1:]
        return head if parts else ""


def _path(above: list[Section]) -> tuple[str, ...]:
    return tuple(f"{section.number} {section.title}" if section.number else section.title for section in above)
