from __future__ import annotations

from pathlib import Path

from benchmarks.retrieval.scale import STEPS, fill, latency
from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.ports import EVERYWHERE, StoredChunk
from tests.rag_index import LetterEmbedder, chunks_of, document

TEXTS = ("бетон", "кирпич", "the formwork", "a scaffold")


def _given() -> list[StoredChunk]:
    made = chunks_of("h", TEXTS, [[1, 0]] * 4)
    return [StoredChunk(document("a", 4), chunk) for chunk in made.chunks]


def test_a_library_of_that_size_is_asked() -> None:
    """All steps of every question are timed; the first question apart, because it reads the vectors."""
    found = latency(450, _given(), LetterEmbedder(), ["бетон", "a scaffold"])
    assert (found.chunks, found.questions, set(found.steps)) == (450, 2, set(STEPS))
    assert found.megabytes > 0
    assert found.first > 0
    assert found.processor > 0
    assert found.slow >= found.steps["total"] >= found.steps["lexical"] > 0


def test_the_same_size_is_the_same_library(tmp_path: Path) -> None:
    """Of whole documents of 200 chunks and a rest, with words of the given texts."""
    ids, words = [], []
    for name in "ab":
        library = SqliteLibrary(tmp_path / name)
        fill(library, 450, TEXTS, LetterEmbedder())
        assert [one.chunks for one in library.documents()] == [200, 200, 50]
        stored = library.chunks(library.ids(EVERYWHERE))
        ids.append([one.chunk.id for one in stored])
        words.append([one.chunk.text for one in stored])
        assert library.matching(["scaffold"], 1)
        library.close()
    assert ids[0] == ids[1]
    assert words[0] == words[1]
