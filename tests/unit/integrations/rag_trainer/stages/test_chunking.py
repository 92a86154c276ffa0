from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid5

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.rag_trainer.draft import Draft, Source
from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.ports import EmbeddingFailed, Matrix
from integrations.rag_trainer.results import Chunks, Duplicate, Metadata, Page, Section, Structure, Table, Text
from integrations.rag_trainer.stage import StageFailed
from integrations.rag_trainer.stages.chunking import NAMESPACE, Chunking
from tests.rag_index import LetterEmbedder


def _draft(
    text: str, sections: tuple[Section, ...] = (), tables: tuple[Table, ...] = (), title: str | None = None
) -> Draft:
    draft = Draft(Source(Path("a"), "a"))
    pages = (Page(number=1, start=0, end=10), Page(number=2, start=10, end=len(text)))
    draft.put(Text(log="", text=text, language="ru", pages=pages))
    draft.put(Duplicate(log="", is_duplicate=False, file_hash="h", content_hash="c"))
    draft.put(Metadata(log="", title=title))
    draft.put(Structure(log="", sections=sections, tables=tables, figures=(), completeness=0))
    return draft


def _run(draft: Draft, embedder: LetterEmbedder | None = None, **limits: int) -> Chunks:
    stage = Chunking(
        embedder or LetterEmbedder(), Limits.model_validate({"chunk_tokens": 16, "overlap_tokens": 4, **limits})
    )
    assert stage.result is Chunks
    return stage.run(draft)


def test_chunks_say_where_they_stand() -> None:
    """Their ids are those of the file and the number; the headings above are embedded with them."""
    text = "1 Работы\n1.1 Бетон\nУход семь суток.\n"
    sections = (
        Section(number="1", title="Работы", level=1, start=0, end=len(text), body=9),
        Section(number="1.1", title="Бетон", level=2, parent=0, start=9, end=len(text), body=19),
    )
    embedder = LetterEmbedder()
    made = _run(_draft(text, sections), embedder, chunk_tokens=20)
    (chunk,) = made.chunks
    assert chunk.text == text.strip()
    assert (chunk.path, chunk.page, chunk.kind) == ((), 1, "text")
    assert chunk.id == str(uuid5(NAMESPACE, "h/0"))
    assert made.matrix().shape == (1, 8)
    assert np.array_equal(made.matrix()[0], embedder.embed([text.strip()])[0])
    assert made.log == "1 chunks (0 of tables), up to 10 tokens, vectors by letters"

    long = text + "Слово за слово и так далее. " * 8
    longer = tuple(one.model_copy(update={"end": len(long)}) for one in sections)
    embedder = LetterEmbedder()
    second = _run(_draft(long, longer), embedder, chunk_tokens=20).chunks[1]
    assert second.path == ("1 Работы", "1.1 Бетон")
    assert embedder.texts[1] == f"1 Работы > 1.1 Бетон\n{second.text}"


def test_a_long_heading_leaves_room_for_the_text_below() -> None:
    """The first chunk of a section begins with its own heading, and has other headings above it than the rest: there
    the long one fits, and here it doesn't."""
    outer, inner = "я" * 28, "ю" * 8
    text = f"{outer}\nслово\n{inner}\n" + "слово " * 20
    begin = text.index(inner)
    sections = (
        Section(title=outer, level=1, start=0, end=len(text), body=29),
        Section(title=inner, level=2, parent=0, start=begin, end=len(text), body=begin + 9),
    )
    made = _run(_draft(text, sections))
    assert made.chunks[1].path == (outer,)
    assert made.chunks[2].path == (outer, inner)
    assert [chunk.tokens for chunk in made.chunks if chunk.tokens > 16] == []


def test_the_title_is_embedded_with_each_chunk() -> None:
    """Not when it is the outermost heading, and not when there is no room for it."""
    text = "Работы\nУход семь суток.\nПроверка\nКаждый день."
    sections = (
        Section(title="Работы", level=1, start=0, end=24, body=7),
        Section(title="Проверка", level=1, start=24, end=len(text), body=33),
    )

    def embedded(title: str) -> list[str]:
        embedder = LetterEmbedder()
        made = _run(_draft(text, sections, title=title), embedder)
        assert [chunk.path for chunk in made.chunks] == [(), ()]
        return [one.partition("\n")[0] for one in embedder.texts]

    assert embedded(" СП 70 ") == ["СП 70", "СП 70"]
    assert embedded("слово " * 9) == ["Работы", "Проверка"]
    same = LetterEmbedder()
    long = "Работы\n" + "Уход семь суток. " * 9
    only = Section(title="Работы", level=1, start=0, end=len(long), body=7)
    _run(_draft(long, (only,), title="Работы"), same)
    assert [one.split("\n")[0] for one in same.texts] == ["Работы"] * len(same.texts)
    assert not any(one.startswith("Работы > Работы") for one in same.texts)


def test_a_long_table_is_cut_between_rows_with_its_header() -> None:
    """The header is embedded with each part, and is in the text of the first one only."""
    rows = ["имя | цена", *(f"кирпич {n} | {n} руб" for n in range(12))]
    text = "\n".join(rows)
    embedder = LetterEmbedder()
    made = _run(_draft(text, tables=(Table(start=0, end=len(text), rows=()),)), embedder)
    assert len(made.chunks) > 2
    assert [line for chunk in made.chunks for line in chunk.text.split("\n")] == rows
    assert {chunk.kind for chunk in made.chunks} == {"table"}
    assert all(one.startswith("имя | цена\n") for one in embedder.texts)
    assert all(chunk.tokens <= 16 for chunk in made.chunks)


def test_nothing_to_find_is_a_failure() -> None:
    """So is more than the limit."""
    with pytest.raises(StageFailed, match="Expected text") as caught:
        _run(_draft(" \n "))
    assert caught.value.reason == "no_chunks"
    with pytest.raises(StageFailed, match="Expected at most 2 chunks") as caught:
        _run(_draft("слово " * 100), chunks=2)
    assert caught.value.reason == "too_many_chunks"


def test_an_endpoint_that_fails_is_a_named_failure() -> None:
    """With the endpoint's reason: it is no fault of the stage."""

    class Away(LetterEmbedder):
        def embed(self, texts: Sequence[str]) -> Matrix:
            raise EmbeddingFailed("expected to be let in with this key")

    with pytest.raises(StageFailed, match="expected to be let in with this key") as caught:
        _run(_draft("слово " * 100), Away())
    assert caught.value.reason == "embedding"


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet="аб w.\n|", min_size=1, max_size=300).filter(str.strip),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(1, 60)), max_size=5),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=2),
    st.integers(0, 60),
)
def test_offsets_map_back_and_nothing_is_lost(
    text: str, spans: list[tuple[int, int, int]], tabled: list[tuple[int, int]], title: int
) -> None:
    """Whatever the text and the structure: each chunk is its span, not over the limit, and no chunk mixes a table with
    text; every character that isn't blank is in one."""
    size = len(text)
    sections = tuple(
        Section(title="я" * letters, level=1, start=min(a, b, size), end=min(max(a, b), size), body=min(a, b, size))
        for a, b, letters in sorted(spans)
    )
    tables = tuple(Table(start=min(a, b, size), end=min(max(a, b), size), rows=()) for a, b in tabled)
    made = _run(_draft(text, sections, tables, "ю" * title))
    covered: set[int] = set()
    in_tables = {at for table in tables for at in range(table.start, table.end)}
    for number, chunk in enumerate(made.chunks):
        assert chunk.number == number
        assert chunk.text == text[chunk.start : chunk.end]
        assert chunk.tokens <= 16
        inside = {at in in_tables for at in range(chunk.start, chunk.end)}
        assert inside == {chunk.kind == "table"}
        covered |= set(range(chunk.start, chunk.end))
    assert all(character.isspace() or at in covered for at, character in enumerate(text))
