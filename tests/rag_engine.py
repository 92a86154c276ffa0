"""Fourteen small stages and stores for tests of the trainer's engine: real files in, a library on disk out.

A document is a text file. Its lines say what its stages do: `fail 5` has the fifth fail, `break 5` raise what nobody
has foreseen, `empty` gives no chunks. Each line becomes a chunk.
"""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from channels.messages.training import StageUpdate
from integrations.rag_trainer.answers import Answer, Passage, Question
from integrations.rag_trainer.assembly import Assembly
from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.ports import Document
from integrations.rag_trainer.results import (
    Candidates,
    Chunk,
    Chunks,
    DocumentType,
    Duplicate,
    Markup,
    Metadata,
    Processing,
    Quality,
    Result,
    SavedSequences,
    SavedVectors,
    Sequences,
    Structure,
    Text,
    Validation,
)
from integrations.rag_trainer.stage import Skipped, StageFailed
from tests.rag_books import BookLibrary, NoStore

KINDS: tuple[type[Result], ...] = (
    Validation,
    Duplicate,
    Text,
    DocumentType,
    Structure,
    Candidates,
    Markup,
    Metadata,
    Quality,
    Processing,
    Sequences,
    SavedSequences,
    Chunks,
    SavedVectors,
)
_SPACE = uuid.UUID("5f0f9a52-5f0c-4c55-9f5e-6d4f7a1b2c3d")


class SmallStage:
    """One stage (`stage.Stage`). `before` is called when it begins, with the draft."""

    def __init__(
        self, number: int, library: BookLibrary, before: Callable[[int, Draft], object] = lambda _number, _draft: None
    ) -> None:
        self.number = number
        self.name = KINDS[number - 1].__name__.lower()
        self.result: type[Result] = KINDS[number - 1]
        self._library = library
        self._before = before

    def run(self, draft: Draft) -> Result:
        """Do what the document says."""
        self._before(self.number, draft)
        data = draft.source.path.read_bytes()
        lines = data.decode("utf-8").splitlines()
        if f"fail {self.number}" in lines:
            raise StageFailed("told_to", f"expected no line `fail {self.number}`; there is one")
        if f"break {self.number}" in lines:
            raise ZeroDivisionError("at https://user:pass@host/x")
        return self._make(draft, data, [line for line in lines if line])

    def _make(self, draft: Draft, data: bytes, lines: list[str]) -> Result:
        make: dict[int, Callable[[], Result]] = {
            1: lambda: Validation(log=f"{len(data)} bytes", exists=True, size=len(data), can_read=True, format="txt"),
            2: lambda: self._duplicate(hashlib.sha256(data).hexdigest()),
            3: lambda: Text(log=f"{len(lines)} lines", text=data.decode("utf-8"), language="und"),
            4: lambda: DocumentType(log="generic", type="generic", confidence=1.0),
            5: lambda: Structure(log="none", sections=(), tables=(), figures=(), completeness=0.0),
            6: lambda: Candidates(log="none", candidates=()),
            7: lambda: Markup(log="none", works=(), dependencies=(), entities=(), mermaid="flowchart TD\n"),
            8: lambda: Metadata(log="none"),
            9: lambda: Quality(log="80", score=80),
            10: lambda: Processing(log="none", handler="generic"),
            11: lambda: Sequences(log="none", sequences=()),
            12: lambda: SavedSequences(log="0 saved", saved=0, stores=()),
            13: lambda: _chunks(draft, [] if "empty" in lines else lines),
            14: lambda: self._save(draft),
        }
        return make[self.number]()

    def _duplicate(self, hash: str) -> Result:
        holder = self._library.holder_of(hash)
        if holder is not None:
            raise Skipped("duplicate", f"has the same bytes as {holder}")
        return Duplicate(log=hash[:12], is_duplicate=False, file_hash=hash, content_hash=hash)

    def _save(self, draft: Draft) -> SavedVectors:
        hashes, chunks = draft[Duplicate], draft[Chunks]
        document = Document(
            name=draft.source.name,
            file_hash=hashes.file_hash,
            content_hash=hashes.content_hash,
            title=draft.source.name,
            type=draft[DocumentType].type,
            subtype="",
            designation=None,
            language=draft[Text].language,
            size=draft[Validation].size,
            quality=draft[Quality].score,
            trained=0.0,
            job_id="",
            chunks=len(chunks.chunks),
        )
        replaced = self._library.put(document, chunks)
        number = len(chunks.chunks)
        return SavedVectors(log=f"{number} points", points=number, replaced=replaced, stores=("book",))


def _chunks(draft: Draft, lines: list[str]) -> Chunks:
    hash = draft[Duplicate].file_hash
    chunks = []
    place = 0
    for number, line in enumerate(lines):
        start = draft[Text].text.index(line, place)
        place = start + len(line)
        id = str(uuid.uuid5(_SPACE, f"{hash}:{number}"))
        chunks.append(Chunk(start=start, end=place, id=id, number=number, text=line, kind="text", tokens=1))
    vectors = np.ones((len(lines), 1), dtype="<f4").tobytes()
    return Chunks(log=f"{len(lines)} chunks", chunks=tuple(chunks), model="ones", dimensions=1, vectors=vectors)


def small_assembly(
    options: TrainerOptions, before: Callable[[int, Draft], object] = lambda _number, _draft: None
) -> Assembly:
    """Put small stages and stores together; the library is where the options say."""
    library = BookLibrary(Path(options.library))
    store = NoStore()
    assembly = Assembly(
        stages=[SmallStage(number, library, before) for number in range(1, 15)],
        library=library,
        stores=[store],
        graph=store,
        ask=lambda question: _answer(library, question),
        notes=("books only",),
    )
    assembly.resources.callback(library.close)
    return assembly


def _answer(library: BookLibrary, question: Question) -> Answer:
    hits = library.matching(question.text.split(), question.limit)
    passages = tuple(
        Passage(
            id=stored.chunk.id,
            document=stored.document.name,
            title=stored.document.title,
            type=stored.document.type,
            start=stored.chunk.start,
            end=stored.chunk.end,
            text=stored.chunk.text,
            score=hit.score,
        )
        for hit, stored in zip(hits, library.chunks([hit.id for hit in hits]), strict=True)
    )
    return Answer(
        question=question.text,
        mode=question.mode,
        passages=passages,
        timings_ms={},
        documents=len(library.books),
        chunks=0,
    )


def books_of(options: TrainerOptions) -> bytes:
    """Return the library as it lies on disk."""
    return Path(options.library).read_bytes()


def within(folder: Path, **more: Any) -> TrainerOptions:
    """Make options of a trainer whose documents are in `folder`/in, and all else in `folder`/out."""
    (folder / "in").mkdir(exist_ok=True)
    out = folder / "out"
    options = TrainerOptions(
        base_dir=str(folder / "in"),
        library=str(out / "library.sqlite"),
        graph=str(out / "graph.sqlite"),
        journal=str(out / "journal.sqlite"),
        reports_dir=str(out / "reports"),
    )
    return options.model_copy(update=more)


def write_documents(folder: Path, **texts: str) -> None:
    """Write documents: `a="one"` is a.txt."""
    for name, text in texts.items():
        (folder / "in" / f"{name}.txt").write_text(text, "utf-8")


def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it didn't become so in time"
        time.sleep(0.002)


def told(updates: Sequence[StageUpdate]) -> list[tuple[str, str, str | None]]:
    """Return the outline of updates."""
    return [(update.stage, update.status, update.file) for update in updates]


def without_time(document: Document) -> Document:
    """Make documents of two runs comparable."""
    return replace(document, trained=0.0, job_id="")


def kill_at(number: int, name: str) -> Callable[[int, Draft], None]:
    """Have the process die, as by `kill -9`, when a stage of a document begins."""

    def before(stage: int, draft: Draft) -> None:
        if stage == number and draft.source.name == name:
            os.kill(os.getpid(), 9)

    return before
