"""The writer of content."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.rag_trainer.reading.content import Writer
from integrations.rag_trainer.stage import StageFailed


def test_spans_are_where_the_text_is() -> None:
    """Headings, tables and pages, each at its place."""
    writer = Writer(1_000)
    writer.page(1, "Первый")
    writer.heading("1  Общие\nуказания", 2)
    writer.paragraph("Текст\r\nв двух строках")
    writer.gap()
    writer.gap()
    writer.table([["Работа", "Объём", ""], ["", "", ""], ["Грунт", "", ""]])
    writer.page(2)
    writer.paragraph("Конец \n")
    content = writer.content(title=" a\nb ")
    assert content.text == "1 Общие указания\nТекст\nв двух строках\n\nРабота | Объём\nГрунт | \nКонец"
    assert [content.text[span.start : span.end] for span in content.headings] == ["1 Общие указания"]
    assert content.tables[0].rows == (("Работа", "Объём"), ("Грунт", ""))
    assert content.text[content.tables[0].start : content.tables[0].end] == "Работа | Объём\nГрунт | "
    assert [content.text[page.start : page.end] for page in content.pages] == [content.text[:-6], "Конец"]
    assert content.title == "a b"


def test_what_has_no_text_leaves_no_trace() -> None:
    """Empty paragraphs, headings and tables; an empty page has an empty span."""
    writer = Writer(10)
    writer.page(1)
    writer.paragraph(" \n\t")
    writer.heading("\u00ad", 1)
    writer.table([["", " "]])
    writer.gap()
    content = writer.content()
    assert (content.text, content.headings, content.tables) == ("", (), ())
    assert [(page.start, page.end) for page in content.pages] == [(0, 0)]


def test_too_much_text_is_a_named_failure() -> None:
    """The bound is exact."""
    writer = Writer(5)
    writer.paragraph("12345")
    with pytest.raises(StageFailed) as caught:
        writer.paragraph("6")
    assert caught.value.reason == "too_long"


_BLOCKS = st.lists(
    st.tuples(st.sampled_from("phtgn"), st.text("aб |\n\r\t\u00ad\u0301", max_size=8), st.integers(1, 12)), max_size=12
)


@given(_BLOCKS)
def test_every_span_of_any_document_is_exact(blocks: list[tuple[str, str, int]]) -> None:
    """Whatever is written in whatever order."""
    writer = Writer(10_000)
    for kind, text, number in blocks:
        if kind == "p":
            writer.paragraph(text)
        elif kind == "h":
            writer.heading(text, number)
        elif kind == "t":
            writer.table([[text, "x"], ["", text]])
        elif kind == "n":
            writer.page(number)
        else:
            writer.gap()
    content = writer.content()
    assert not content.text.endswith("\n")
    for table in content.tables:
        assert content.text[table.start : table.end] == "\n".join(" | ".join(row) for row in table.rows)
    for heading in content.headings:
        assert content.text[heading.start : heading.end].strip()
    for page in content.pages:
        assert 0 <= page.start <= page.end <= len(content.text)


def test_pages_may_begin_within_a_table() -> None:
    """At the row that is named, or, if nothing stands in it, at the next."""
    writer = Writer(1_000)
    writer.page(1)
    writer.table([["a", "b"], ["", ""], ["c", "d"], ["e", ""]], {1: 2, 3: 3})
    writer.paragraph("after")
    content = writer.content()
    assert [content.text[page.start : page.end] for page in content.pages] == ["a | b", "c | d", "e | \nafter"]
