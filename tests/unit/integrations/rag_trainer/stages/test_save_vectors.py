from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.rag_trainer.draft import Draft, Source
from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.ports import Document, StoreFailed, WrongModel
from integrations.rag_trainer.results import (
    Chunks,
    DocumentType,
    Duplicate,
    Metadata,
    Quality,
    SavedVectors,
    Section,
    Structure,
    Text,
    Validation,
)
from integrations.rag_trainer.stage import StageFailed
from integrations.rag_trainer.stages.save_vectors import SaveVectors
from integrations.rag_trainer.vectors.faiss import FaissVectors
from tests.rag_index import chunks_of


@pytest.fixture
def library(tmp_path: Path) -> Iterator[SqliteLibrary]:
    library = SqliteLibrary(tmp_path / "l")
    yield library
    library.close()


def _draft(name: str, hash_: str, texts: list[str], title: str | None = None) -> Draft:
    draft = Draft(Source(Path(name), name))
    heading = Section(title="Заголовок", level=1, start=0, end=1, body=1)
    for result in (
        Validation(log="", exists=True, size=7, can_read=True, format="txt"),
        Duplicate(log="", is_duplicate=False, file_hash=hash_, content_hash="c"),
        Text(log="", text="", language="ru"),
        DocumentType(log="", type="norms", subtype="sp", confidence=1, designation="СП 1"),
        Structure(log="", sections=(heading,), tables=(), figures=(), completeness=1),
        Metadata(log="", title=title),
        Quality(log="", score=80),
        chunks_of(hash_, texts, [[1.0, n] for n in range(len(texts))]),
    ):
        draft.put(result)
    return draft


def test_a_document_is_put_in_with_what_the_stages_found(library: SqliteLibrary) -> None:
    """With the title of the metadata, else the first heading's; and the job's id."""
    stage = SaveVectors(library, (), lambda: 5.0, lambda: "job")
    made = stage.run(_draft("кра\u0438\u0306", "h", ["x", "y"]))
    assert made == SavedVectors(log="2 points saved to library", points=2, replaced=0, stores=("library",))
    assert library.documents() == [
        Document("кра\u0439", "h", "c", "Заголовок", "norms", "sp", "СП 1", "ru", 7, 80, 5.0, "job", 2)
    ]
    stage.run(_draft("b", "h2", ["x"], title="Свод правил"))
    assert library.documents()[0].title == "Свод правил"


def test_twice_is_the_same_and_a_change_replaces_its_own(library: SqliteLibrary, tmp_path: Path) -> None:
    """In the library and in the store beside it."""
    store = FaissVectors(tmp_path / "i", library)
    stage = SaveVectors(library, (store,), lambda: 5.0)
    assert stage.run(_draft("a", "h1", ["x", "y"])).stores == ("library", "faiss")
    assert stage.run(_draft("a", "h1", ["x", "y"])).replaced == 0
    assert stage.run(_draft("b", "h2", ["z"])).replaced == 0
    assert stage.run(_draft("a", "h1", ["x"])).replaced == 1
    assert stage.run(_draft("a", "h3", ["new"])).replaced == 1
    assert store.count() == 2
    assert [one.chunks for one in library.documents()] == [1, 1]


def test_a_store_that_fails_leaves_the_document_unknown(library: SqliteLibrary, tmp_path: Path) -> None:
    """So it is trained again, and then it is whole."""

    class Failing(FaissVectors):
        def replace(self, document: Document, chunks: Chunks) -> int:
            super().replace(document, chunks)
            raise OSError("the power failed")

    with pytest.raises(OSError, match="power"):
        SaveVectors(library, (Failing(tmp_path / "i", library),), lambda: 5.0).run(_draft("a", "h1", ["x"]))
    assert library.holder_of("h1") is None
    store = FaissVectors(tmp_path / "i", library)
    SaveVectors(library, (store,), lambda: 5.0).run(_draft("a", "h1", ["x"]))
    assert library.holder_of("h1") == "a"
    assert store.count() == 1


@pytest.mark.parametrize("error", [WrongModel("set embedding.model back"), StoreFailed("look whether it runs")])
def test_what_a_store_says_is_a_named_failure(library: SqliteLibrary, tmp_path: Path, error: Exception) -> None:
    """It is no fault of the stage, and its words say what to do."""

    class Refusing(FaissVectors):
        def replace(self, document: Document, chunks: Chunks) -> int:
            raise error

    with pytest.raises(StageFailed, match=str(error)) as caught:
        SaveVectors(library, (Refusing(tmp_path / "i", library),), lambda: 5.0).run(_draft("a", "h1", ["x"]))
    assert caught.value.reason == ("other_model" if isinstance(error, WrongModel) else "store")
    assert library.holder_of("h1") is None
