"""What is this store's own; what every store promises is in tests/contract/test_rag_vector_store.py."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import pytest

from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.vectors.faiss import FaissVectors
from tests.rag_index import chunks_of, document

RIGHT = np.array([1, 0], np.float32)


def _trained(folder: Path) -> SqliteLibrary:
    library = SqliteLibrary(folder / "l")
    store = FaissVectors(folder / "i", library)
    made = chunks_of("h", ["x", "y"], [[1, 0], [0, 1]])
    store.replace(document("a", 2, "h"), made)
    library.put(document("a", 2, "h"), made)
    store.close()
    return library


def test_the_file_is_an_index_that_faiss_reads(tmp_path: Path) -> None:
    """With all vectors, and nothing left beside it."""
    _trained(tmp_path).close()
    assert faiss.read_index(str(tmp_path / "i")).ntotal == 2
    assert not (tmp_path / "i.new").exists()


@pytest.mark.parametrize("damage", ["absent", "cut", "empty", "other"])
def test_an_index_that_is_lost_is_made_again(tmp_path: Path, damage: str) -> None:
    """From the library; who only asks leaves the file as it is."""
    library = _trained(tmp_path)
    path = tmp_path / "i"
    if damage == "absent":
        path.unlink()
    elif damage == "other":
        faiss.write_index(faiss.IndexFlatL2(2), str(path))
    else:
        path.write_bytes(path.read_bytes()[: 40 if damage == "cut" else 0])
    before = path.read_bytes() if path.exists() else None
    store = FaissVectors(path, library)
    assert [round(hit.score) for hit in store.nearest(RIGHT, 5)] == [1, 0]
    store.close()
    assert (path.read_bytes() if path.exists() else None) == before
    library.close()


def test_an_index_follows_the_library(tmp_path: Path) -> None:
    """What was written to it and never to the library, as after a kill, goes; what it lacks comes."""
    library = _trained(tmp_path)
    killed = FaissVectors(tmp_path / "i", library)
    killed.replace(document("b", 1, "h2"), chunks_of("h2", ["z"], [[1, 0]]))
    store = FaissVectors(tmp_path / "i", library)
    assert store.count() == 2
    library.put(document("c", 1, "h3"), chunks_of("h3", ["z"], [[1, 0]]))
    assert store.count() == 3
    with pytest.raises(ValueError, match="expected a question of 2 dimensions"):
        store.nearest(np.ones(3, np.float32), 5)
    library.close()
