from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from integrations.rag_trainer.library import words
from integrations.rag_trainer.library.schema import BadLibrary
from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.terms import terms
from tests.rag_index import chunks_of, document


def _trained(path: Path) -> None:
    library = SqliteLibrary(path)
    cover = replace(document("a", 2), title="Несущие конструкции", designation="СП 70.13330.2012")
    library.put(cover, chunks_of("h1", ["уход за бетоном", "швы"], [[1, 0], [0, 1]]))
    library.put(document("b", 1), chunks_of("h2", ["крыша"], [[1, 0]]))
    library.close()


def _sql(path: Path, *statements: str) -> list[Any]:
    found: list[Any] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            found = connection.execute(statement).fetchall()
    return found


def _found(library: SqliteLibrary, question: str) -> list[str]:
    return [one.chunk.text for one in library.chunks([hit.id for hit in library.matching(terms(question), 10)])]


def test_what_is_indexed() -> None:
    """A number that stands in the title isn't counted twice."""
    assert words.words_of("Кровли", "СП 17", ("5 Ковер",), "швы") == "кровл сп 17 5 ковер швы"
    assert words.words_of("СП 17 Кровли", "СП 17", (), "швы") == "сп 17 кровл швы"
    assert words.words_of("Roofs", None, (), "joints") == "roof joint"


def test_an_index_by_older_rules_is_made_anew(tmp_path: Path) -> None:
    """When the library is opened, from its own texts; once."""
    path = tmp_path / "l"
    _trained(path)
    _sql(path, "UPDATE words SET stems = 'устарел'", "UPDATE revision SET rules = 100")
    library = SqliteLibrary(path)
    assert _found(library, "устаревший") == []
    assert sorted(_found(library, "70.13330")) == ["уход за бетоном", "швы"]
    assert _found(library, "крыши") == ["крыша"]
    library.close()
    assert _sql(path, "SELECT rules FROM revision") == [(words.RULES,)]
    _sql(path, "UPDATE words SET stems = 'нетронут'")
    library = SqliteLibrary(path)
    assert len(_found(library, "нетронут")) == 3
    library.close()


def test_a_library_of_version_1_goes_on(tmp_path: Path) -> None:
    """It said nothing of rules, and had no titles in its index; its documents and vectors stay."""
    path = tmp_path / "l"
    _trained(path)
    _sql(path, "UPDATE words SET stems = 'швы'", "ALTER TABLE revision DROP COLUMN rules", "PRAGMA user_version = 1")
    library = SqliteLibrary(path)
    assert [one.name for one in library.documents()] == ["a", "b"]
    assert len(_found(library, "70.13330.2012")) == 2
    assert _found(library, "швы") == ["швы"]
    assert library.vectors_of(library.shelves()[1])[1].shape == (2, 2)
    library.close()
    assert _sql(path, "PRAGMA user_version") == [(2,)]


def test_an_index_by_newer_rules_is_left_alone(tmp_path: Path) -> None:
    """By opening, and by writing in a process that had it open: two releases would find each other's words wrongly."""
    path = tmp_path / "l"
    _trained(path)
    open_ = SqliteLibrary(path)
    _sql(path, "UPDATE revision SET rules = 99999")
    with pytest.raises(BadLibrary, match=r"found 99999: a newer release works with this library; use that one"):
        SqliteLibrary(path)
    with pytest.raises(BadLibrary, match="found 99999"):
        open_.put(document("c", 1), chunks_of("h3", ["x"], [[1, 0]]))
    assert [one.name for one in open_.documents()] == ["a", "b"]
    open_.close()


def test_what_fails_in_the_middle_leaves_the_old_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the next one who opens it does it again."""
    path = tmp_path / "l"
    _trained(path)
    _sql(path, "UPDATE words SET stems = 'устарел'", "UPDATE revision SET rules = 100")

    def fail(*_: object) -> str:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(words, "words_of", fail)
        with pytest.raises(MemoryError):
            SqliteLibrary(path)
    assert _sql(path, "SELECT count(*) FROM words WHERE words MATCH 'устарел'") == [(3,)]
    library = SqliteLibrary(path)
    assert _found(library, "крыши") == ["крыша"]
    library.close()
