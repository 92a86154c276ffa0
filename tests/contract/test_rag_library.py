"""What a `Library` promises, on the SQLite one: whole documents for every reader, also after a kill."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.ports import Filter, Library
from integrations.rag_trainer.terms import terms
from tests.rag_index import chunks_of, document

ROOT = Path(__file__).parents[2]

WRITER = """
import sys
from pathlib import Path
from integrations.rag_trainer.library.sqlite import SqliteLibrary
from tests.rag_index import chunks_of, document
library = SqliteLibrary(Path(sys.argv[1]))
turn = 0
while True:
    turn += 1
    name = "ab"[turn % 2] * 4
    library.put(document("a", 400, name), chunks_of(name, [f"{name} {n}" for n in range(400)], [[1, 0]] * 400))
    print(name, flush=True)
"""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = SqliteLibrary(tmp_path / "library.sqlite")
    yield library
    library.close()


def test_a_document_comes_back_as_it_was_put_in(library: Library) -> None:
    """With its chunks, in the order that they are asked for; those that aren't there are left out."""
    made = chunks_of("h", ["бетон", "concrete"], [[1, 0], [0, 1]])
    assert library.put(document("a.txt", 2, "h"), made) == 0
    assert library.documents() == [document("a.txt", 2, "h")]
    ids = [chunk.id for chunk in made.chunks]
    assert [one.chunk for one in library.chunks([ids[1], "absent", ids[0]])] == [made.chunks[1], made.chunks[0]]
    assert library.chunks(ids)[0].document == document("a.txt", 2, "h")
    assert library.chunks([]) == []


def test_a_document_is_replaced_and_removed_as_a_whole(library: Library) -> None:
    """And nothing of the others goes."""
    library.put(document("a", 2, "h1"), chunks_of("h1", ["старый", "текст"], [[1, 0], [0, 1]]))
    library.put(document("b", 1, "h2"), chunks_of("h2", ["старый"], [[1, 1]]))
    assert library.put(document("a", 1, "h3"), chunks_of("h3", ["новый"], [[1, 0]])) == 2
    assert [one.file_hash for one in library.documents()] == ["h3", "h2"]
    assert len(library.matching(terms("старый"), 10)) == 1
    assert library.put(document("a", 1, "h3"), chunks_of("h3", ["новый"], [[1, 0]])) == 1
    assert library.remove("a") == 1
    assert library.remove("a") == 0
    assert [one.name for one in library.documents()] == ["b"]


def test_a_document_is_known_by_either_hash(library: Library) -> None:
    """Until it is gone."""
    library.put(document("a", 1, "h1"), chunks_of("h1", ["x"], [[1, 0]]))
    assert library.holder_of("h1") == library.holder_of("content h1") == "a"
    assert library.holder_of("h2") is None
    library.remove("a")
    assert library.holder_of("h1") is None


def test_a_name_is_one_in_every_unicode_form(library: Library) -> None:
    """macOS hands out й in two characters; that is the same file."""
    library.put(document("кра\u0438\u0306.txt", 1, "h1"), chunks_of("h1", ["x"], [[1, 0]]))
    assert library.put(document("кра\u0439.txt", 1, "h2"), chunks_of("h2", ["y"], [[1, 0]])) == 1
    assert [one.name for one in library.documents()] == ["кра\u0439.txt"]
    assert library.matching(terms("y"), 1, Filter(names=("кра\u0438\u0306.txt",)))
    assert library.remove("кра\u0438\u0306.txt") == 1


def test_words_find_chunks_by_bm25(library: Library) -> None:
    """In both languages, by stem, by the numbers of clauses, and by the headings above; the rarer word counts more."""
    texts = ["опалубка снята, п. 5.2.1", "the formwork is removed", "бетон и бетон", "бетон один раз среди других слов"]
    made = chunks_of("h", texts, [[1, n] for n in range(4)])
    library.put(document("a", 4, "h"), made)
    ids = [chunk.id for chunk in made.chunks]

    def found(question: str) -> list[int]:
        return [ids.index(hit.id) for hit in library.matching(terms(question), 10)]

    assert found("опалубку") == [0]
    assert found("5.2.1") == [0]
    assert found("removing formworks") == [1]
    assert found("бетона") == [2, 3]
    assert sorted(found("глава")) == [0, 1, 2, 3]
    assert found("отсутствует") == found("") == []
    assert found('" OR * NEAR( бетон') == [2, 3]
    scores = [hit.score for hit in library.matching(terms("бетон опалубка"), 10)]
    assert scores == sorted(scores, reverse=True)
    assert len(library.matching(terms("глава"), 2)) == 2
    assert len(library.matching([f"слово{n}" for n in range(5_000)], 2)) == 0


def test_a_document_is_found_by_its_title_and_number(library: Library) -> None:
    """Where its chunks don't have them: norms name themselves once, on the cover."""
    cover = replace(document("a", 2), title="Несущие конструкции", designation="СП 70.13330.2012")
    library.put(cover, chunks_of("h1", ["уход за бетоном", "швы"], [[1, 0], [0, 1]]))
    library.put(replace(document("b", 1), title="СП 71.13330.2017 Отделка"), chunks_of("h2", ["швы"], [[1, 0]]))

    def found(question: str) -> list[str]:
        stored = library.chunks([hit.id for hit in library.matching(terms(question), 10)])
        return [one.document.name for one in stored]

    assert found("СП 70.13330")[:2] == ["a", "a"]
    assert found("70.13330.2012") == ["a", "a"]
    assert found("несущая конструкция") == ["a", "a"]
    assert found("71.13330") == ["b"]
    library.put(replace(cover, designation=None, title="Другое"), chunks_of("h1", ["швы"], [[1, 0]]))
    assert found("70.13330.2012") == []


def test_a_filter_narrows(library: Library) -> None:
    """By each field, and by several at once."""
    library.put(document("a", 1, "h1"), chunks_of("h1", ["бетон"], [[1, 0]]))
    library.put(document("b", 1, "h2", type="report", language="en"), chunks_of("h2", ["бетон"], [[1, 0]]))
    for filter in (Filter(names=("b",)), Filter(types=("report",)), Filter(languages=("en", "de"))):
        assert [
            one.document.name for one in library.chunks([h.id for h in library.matching(["бетон"], 9, filter)])
        ] == ["b"]
    assert len(library.matching(["бетон"], 9, Filter(subtypes=("sp",)))) == 2
    assert len(library.matching(["бетон"], 9, Filter(designations=("СП 1.1",)))) == 1
    assert library.matching(["бетон"], 9, Filter(names=("b",), languages=("ru",))) == []


def test_a_kill_leaves_the_old_document_or_the_new_one(tmp_path: Path) -> None:
    """SIGKILL at different moments of a write: all chunks are of one version, and what was reported is there. While it
    is written, another process sees whole documents only."""
    path = tmp_path / "library.sqlite"
    for turn in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        ) as writer:
            assert writer.stdout is not None
            told = ""
            for _ in range(2 + turn):
                told = writer.stdout.readline().strip()
            reader = SqliteLibrary(path)
            for _ in range(20 * turn):
                hits = reader.matching([*terms("aaaa"), *terms("bbbb")], 1_000)
                assert len(hits) == 400
            writer.kill()
        assert told in ("aaaa", "bbbb")
        (kept,) = reader.documents()
        assert len(reader.matching(terms(kept.file_hash), 1_000)) == 400
        assert len(reader.matching([*terms("aaaa"), *terms("bbbb")], 1_000)) == 400
        reader.close()
