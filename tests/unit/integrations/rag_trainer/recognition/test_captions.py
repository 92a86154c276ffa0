"""Tables and figures by their captions."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.recognition.captions import figures_of, placed, tables_of
from integrations.rag_trainer.results import Section, Text


def _text(text: str) -> Text:
    return Text(log="", text=text, language="und")


@pytest.mark.parametrize(
    ("line", "number", "caption"),
    [
        ("Таблица 5.1 – Допуски", "5.1", "Допуски"),
        ("Табл. 2. Нагрузки", "2", "Нагрузки"),
        ("Table 3: Loads", "3", "Loads"),
        ("Таблица А.1", "А.1", None),
        ("Таблица 4 Нагрузки", "4", "Нагрузки"),
    ],
)
def test_a_caption_belongs_to_the_table_below_it(line: str, number: str, caption: str | None) -> None:
    """A table of plain text, its columns parted by tabs or several spaces."""
    text = f"{line}\nВид   мм\nСтена   5\nдальше"
    (table,) = tables_of(_text(text))
    assert (table.number, table.caption) == (number, caption)
    assert table.rows == (("Вид", "мм"), ("Стена", "5"))
    assert text[table.start : table.end] == "Вид   мм\nСтена   5"


@pytest.mark.parametrize("line", ["Таблица 5.1 приведена ниже", "Table 3 shows loads", "Таблица", "в таблице 5"])
def test_prose_is_no_caption(line: str) -> None:
    """It names a table and has none."""
    assert tables_of(_text(line)) == []


def test_bars_make_a_table_without_a_caption() -> None:
    """Two rows of as many cells."""
    (table,) = tables_of(_text("a | b\nc | d\n"))
    assert (table.caption, table.rows) == (None, (("a", "b"), ("c", "d")))
    assert tables_of(_text("a  b\nc  d\n")) == []


def test_figures_and_tables_know_their_section() -> None:
    """The innermost one that they are in."""
    text = _text("1 A\nРис. 2 - Узел\na | b\nc | d\n")
    section = Section(start=0, end=len(text.text), number="1", title="A", level=1, body=3)
    (figure,) = figures_of(text, [section])
    (table,) = placed(tables_of(text), [section])
    assert (figure.number, figure.caption, figure.section, table.section) == ("2", "Узел", 0, 0)
