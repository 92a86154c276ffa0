from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.vectors.factory import make_stores


@pytest.fixture
def library(tmp_path: Path) -> Iterator[SqliteLibrary]:
    library = SqliteLibrary(tmp_path / "l")
    yield library
    library.close()


def _options(**more: Any) -> TrainerOptions:
    return TrainerOptions.model_validate({"base_dir": "b", "library": "l", "graph": "g", "journal": "j", **more})


def test_without_options_the_library_has_the_vectors(library: SqliteLibrary) -> None:
    """And answers; the notes say so."""
    stores = make_stores(_options(), library)
    assert (stores.written, stores.searched.name) == ((), "embedded")
    assert stores.notes == ("Vectors go to the library; questions go to the library.",)


def test_all_configured_stores_are_written_and_one_is_asked(library: SqliteLibrary, tmp_path: Path) -> None:
    """Qdrant before pgvector before FAISS before the library, or as the options say. PostgreSQL isn't asked yet."""
    dsn = "postgresql://127.0.0.1:1/nowhere"
    given = {"faiss_path": str(tmp_path / "i"), "qdrant": {"path": str(tmp_path / "q")}, "pgvector_dsn": dsn}
    stores = make_stores(_options(**given), library)
    assert [store.name for store in stores.written] == ["faiss", "pgvector", "qdrant"]
    assert stores.searched.name == "qdrant"
    stores.close()
    stores = make_stores(_options(**given, search="embedded"), library)
    assert stores.searched.name == "embedded"
    assert stores.notes == ("Vectors go to the library, faiss, pgvector, qdrant; questions go to the library.",)
    stores.close()
    assert make_stores(_options(pgvector_dsn=dsn, faiss_path="i"), library).searched.name == "pgvector"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"search": "qdrant"}, "expected search to name a store that is configured"),
        ({"pgvector_dsn": "p"}, "pgvector_dsn"),
    ],
)
def test_what_can_not_be_is_told(library: SqliteLibrary, given: dict[str, Any], words: str) -> None:
    """Before anything is trained."""
    with pytest.raises(ValueError, match=words):
        make_stores(_options(**given), library)
