"""Markdown."""

from __future__ import annotations

import time

import pytest

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.content import Content
from integrations.rag_trainer.reading.markdown import read_markdown
from tests.rag_documents import DOCUMENT_EN, DOCUMENT_RU, Block, as_markdown, as_text


def _read(text: str) -> Content:
    return read_markdown(text.encode(), Limits())


def _headings(content: Content) -> list[tuple[int, str]]:
    return [(heading.level, content.text[heading.start : heading.end]) for heading in content.headings]


@pytest.mark.parametrize("blocks", [DOCUMENT_RU, DOCUMENT_EN], ids=["ru", "en"])
def test_headings_and_tables_are_known(blocks: list[Block]) -> None:
    """The signs of headings and the delimiter row are no text."""
    content = _read(as_markdown(blocks))
    assert [line for line in content.text.split("\n") if line] == as_text(blocks).strip().split("\n")
    assert [level for level, _ in _headings(content)] == [1, 2, 2]
    assert content.tables[0].rows[1][2] == "1200"


def test_a_code_fence_holds_no_headings() -> None:
    """Nor tables; a longer or other fence doesn't end it, and one that isn't closed goes on to the end."""
    content = _read(
        "# A\n```sh\n# comment\n~~~\na | b\n--- | ---\n```\n## B ##\n````\n```\n# no\n````\n# C#\n~~~\n# no"
    )
    assert _headings(content) == [(1, "A"), (2, "B"), (1, "C#")]
    assert content.tables == ()


def test_underlined_headings() -> None:
    """Only below a line that is a paragraph of its own."""
    content = _read("Title\n===\n\nPart\n---\n\n- item\n---\n\ntext\nmore\n---\n#no heading")
    assert _headings(content) == [(1, "Title"), (2, "Part")]


def test_cells_may_have_escaped_bars_and_rows_any_length() -> None:
    """A row with a delimiter of another width is no table."""
    content = _read("| a | b |\n|:--|--:|\n| x \\| y |\n| 1 | 2 |\n\na | b\n---|---|---\n")
    assert [table.rows for table in content.tables] == [(("a", "b"), ("x | y", ""), ("1", "2"))]


def test_properties_at_the_begin_are_no_text() -> None:
    """Their title is the document's; a rule at the begin is no block of properties."""
    content = _read('---\ntitle: "Проект"\ntags:\n  - a\n---\n# A\n')
    assert (content.title, content.text) == ("Проект", "A")
    assert _read("---\nJust text\n---\n").text.startswith("---")
    assert _read("---\nno end").text == "---\nno end"


def test_hostile_lines_take_linear_time() -> None:
    """Long runs of what the patterns look for."""
    start = time.process_time()
    for piece in ("# ", "- ", "|", "-|", "`", " ", "title: '", ": "):
        _read(f"a | b\n{piece * 50_000}x\n---\ntitle: {piece * 50_000}")
    assert time.process_time() - start < 5
