"""What is this library's own; what every library promises is in tests/contract/test_rag_library.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.rag_trainer.library.schema import BadLibrary
from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.ports import EVERYWHERE
from tests.rag_index import chunks_of, document


def test_it_stays_and_other_processes_see_it(tmp_path: Path) -> None:
    """A second connection, opened before, sees what the first one wrote; so does one that is opened after the end."""
    path = tmp_path / "deep" / "library.sqlite"
    one, other = SqliteLibrary(path), SqliteLibrary(path)
    before = other.revision()
    one.put(document("a", 1, "h"), chunks_of("h", ["x"], [[1, 0]]))
    assert other.revision() != before
    assert other.documents() == one.documents()
    assert other.ids(EVERYWHERE) == one.ids(EVERYWHERE)
    one.close()
    other.close()
    again = SqliteLibrary(path)
    (shelf,) = again.shelves().values()
    assert again.vectors_of(shelf)[1].tolist() == [[1.0, 0.0]]
    again.remove("a")
    assert len(again.vectors_of(shelf)[0]) == 0
    again.close()


def test_what_fails_in_the_middle_changes_nothing(tmp_path: Path) -> None:
    """Chunks that another document has, or another model: the old document is there as it was."""
    library = SqliteLibrary(tmp_path / "l")
    library.put(document("a", 1, "h1"), chunks_of("h1", ["x"], [[1, 0]]))
    library.put(document("b", 1, "h2"), chunks_of("h2", ["y"], [[1, 0]]))
    before = library.documents(), library.revision()
    with pytest.raises(BadLibrary, match="expected chunks that no other document of the library has"):
        library.put(document("b", 1, "h1"), chunks_of("h1", ["x"], [[1, 0]]))
    with pytest.raises(ValueError, match="expected vectors of m with 2 dimensions"):
        library.put(document("b", 1, "h3"), chunks_of("h3", ["x"], [[1, 0]], model="n"))
    assert (library.documents(), library.revision()) == before
    assert [hit.score > 0 for hit in library.matching(["y"], 1)] == [True]
    library.close()


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    """Not passed over in silence."""
    path = tmp_path / "l"
    library = SqliteLibrary(path)
    library.put(document("a", 50, "h"), chunks_of("h", ["слово " * 50] * 50, [[1, n] for n in range(50)]))
    library.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(BadLibrary, match="the library is damaged; remove the file and train again"):
        SqliteLibrary(path).documents()
