"""14: the document goes into the index."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from integrations.rag_trainer.chunking.titles import title_of
from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.ports import Document, Library, StoreFailed, VectorStore, WrongModel
from integrations.rag_trainer.results import (
    Chunks,
    DocumentType,
    Duplicate,
    Metadata,
    Quality,
    SavedVectors,
    Structure,
    Text,
    Validation,
)
from integrations.rag_trainer.stage import StageFailed


class SaveVectors:
    """Writes the document to every store, and to the library last.

    The library is what says that a document is trained (stage 2 asks it). A kill before it has the document leaves
    points in some stores that no search shows, because passages are read from the library; the file isn't known as a
    duplicate, is trained again, and replaces them, because ids are made of the file's bytes and the chunk's number. A
    changed file replaces its own points only.

    Args:
        stores: those beside the library.
        clock: seconds since 1970.
        job_id: of the job that is at work; asked for each document.
    """

    def __init__(
        self,
        library: Library,
        stores: Sequence[VectorStore],
        clock: Callable[[], float],
        job_id: Callable[[], str] = lambda: "",
    ) -> None:
        self._library = library
        self._stores = tuple(stores)
        self._clock = clock
        self._job_id = job_id

    @property
    def name(self) -> str:
        """What it does."""
        return "saving vectors"

    @property
    def result(self) -> type[SavedVectors]:
        """What it makes."""
        return SavedVectors

    def run(self, draft: Draft) -> SavedVectors:
        """Put the document and its chunks in. Doing it again changes nothing.

        Raises:
            StageFailed: `other_model`: a store has vectors of another one; `store`: one can't be reached, or refused.
        """
        chunks = draft[Chunks]
        document = self._document(draft)
        before = next((one for one in self._library.documents() if one.name == document.name), None)
        try:
            for store in self._stores:
                store.replace(document, chunks)
            gone = self._library.put(document, chunks)
        except WrongModel as error:
            raise StageFailed("other_model", str(error)) from None
        except StoreFailed as error:
            raise StageFailed("store", str(error)) from None
        # The same bytes have the same ids, as far as there are as many chunks.
        same = before is not None and before.file_hash == document.file_hash
        replaced = max(0, gone - document.chunks) if same else gone
        names = ("library", *(store.name for store in self._stores))
        return SavedVectors(
            log=f"{document.chunks} points saved to {', '.join(names)}"
            + (f"; {replaced} old ones gone" if replaced else ""),
            points=document.chunks,
            replaced=replaced,
            stores=names,
        )

    def _document(self, draft: Draft) -> Document:
        identity, kind = draft[Duplicate], draft[DocumentType]
        chunks = draft[Chunks].chunks
        return Document(
            name=unicodedata.normalize("NFC", draft.source.name),
            file_hash=identity.file_hash,
            content_hash=identity.content_hash,
            title=title_of(draft[Metadata], draft[Text]) or _heading(draft) or draft.source.name,
            type=kind.type,
            subtype=kind.subtype,
            designation=kind.designation,
            language=draft[Text].language,
            size=draft[Validation].size,
            quality=draft[Quality].score,
            trained=self._clock(),
            job_id=self._job_id(),
            chunks=len(chunks),
        )


def _heading(draft: Draft) -> str:
    return next((section.title.strip() for section in draft[Structure].sections), "")
