"""Tables on pages of a PDF."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from typing import Any

import pytest

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.content import Content
from integrations.rag_trainer.reading.pdf import read_pdf
from integrations.rag_trainer.reading.pdf_tables import RuledPages, TooManyLines
from integrations.rag_trainer.reading.ruled import Ruled
from tests.rag_documents import Box, Words, assemble_pdf, drawn_pdf, grid_of

_RU = (("N", "Работа", "Объём, м³"), ("1", "Разработка грунта", "1200"), ("2", "Бетон-", "18,5"))


def _page(items: Sequence[Words | Box], rotate: int = 0) -> list[str | Ruled] | None:
    with RuledPages(drawn_pdf([items], rotate), Limits()) as pages:
        return pages.page(0)


def _tables(content: Content) -> list[list[list[str]]]:
    """Rows; the text of each table is these rows, and stands in the document once."""
    for table in content.tables:
        assert content.text[table.start : table.end] == "\n".join(" | ".join(row) for row in table.rows)
        assert content.text.count(content.text[table.start : table.end]) == 1
    return [[list(row) for row in table.rows] for table in content.tables]


def test_a_table_stands_where_it_is_drawn_and_once() -> None:
    """Between the lines before and after it; in Russian."""
    items = [Words(50, 800, "Таблица 1 – Работы"), *grid_of(_RU, 50, 780, 120, 20), Words(50, 600, "После таблицы")]
    content = read_pdf(drawn_pdf([items]), Limits())
    assert content.text == (
        "Таблица 1 – Работы\nN | Работа | Объём, м³\n1 | Разработка грунта | 1200\n2 | Бетон- | 18,5\nПосле таблицы"
    )
    assert _tables(content) == [[list(row) for row in _RU]]


def test_words_of_a_cell_are_one_line() -> None:
    """Lines in a cell are joined, words that are parted too."""
    items = [
        *grid_of([["a", "b"], ["", "d"]], 50, 800, 120, 40),
        Words(53, 750, "строи-"),
        Words(53, 740, "тельство дома"),
    ]
    assert _tables(read_pdf(drawn_pdf([items]), Limits())) == [[["a", "b"], ["строительство дома", "d"]]]


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_page_that_is_turned_is_read_as_it_is_shown(rotate: int) -> None:
    """Rows and columns are those that a reader sees."""
    turned = {
        90: [["c", "a"], ["d", "b"]],
        180: [["d", "c"], ["b", "a"]],
        270: [["b", "d"], ["a", "c"]],
    }
    found = _page(grid_of([["a", "b"], ["c", "d"]], 50, 800, 60, 60), rotate)
    assert [item.rows for item in found or () if isinstance(item, Ruled)] == [turned[rotate]]


def test_a_table_in_a_cell_is_a_table_of_its_own() -> None:
    """Its text isn't that of the cell around it."""
    outer = grid_of([["a", "b"], ["c", "outer"]], 50, 800, 200, 200)
    content = read_pdf(drawn_pdf([[*outer, *grid_of([["1", "2"], ["3", "4"]], 270, 550, 30, 20)]]), Limits())
    assert _tables(content) == [[["a", "b"], ["c", "outer"]], [["1", "2"], ["3", "4"]]]


def test_a_table_over_pages_is_one() -> None:
    """Its head isn't there again, the line that says it goes on is left out, and each page knows its rows."""
    head = ["N", "Работа"]
    rows = [[str(number), f"Работа {'абвгдежзик'[number]}"] for number in range(10)]
    pages: list[list[Words | Box]] = [
        [Words(50, 800, "Таблица 3"), *grid_of([head, *rows[:4]], 50, 780, 100, 20), Words(300, 20, "1")],
        [Words(50, 800, "Продолжение таблицы 3"), *grid_of([head, *rows[4:6]], 51, 780, 100, 20), Words(300, 20, "2")],
        [*grid_of(rows[6:], 50, 780, 100, 20), Words(50, 400, "Дальше текст")],
    ]
    content = read_pdf(drawn_pdf(pages), Limits())
    assert _tables(content) == [[head, *rows]]
    assert [content.text[page.start : page.end].split("\n")[0] for page in content.pages] == [
        "Таблица 3",
        "4 | Работа д",
        "6 | Работа ж",
    ]
    assert content.text.endswith("9 | Работа к\n1\n2\nДальше текст")


def test_tables_of_other_columns_stay_apart() -> None:
    """Though one ends a page, and the other begins the next."""
    pages = [grid_of([["a", "b"], ["c", "d"]], 50, 200, 100, 20), grid_of([["e", "f"], ["g", "h"]], 50, 800, 130, 20)]
    assert len(_tables(read_pdf(drawn_pdf(pages), Limits()))) == 2


def test_lines_that_are_no_table_change_nothing() -> None:
    """A frame around a page, rules under words, an empty chart."""
    words = [Words(50, 700 - 20 * n, f"Строка {'абвгд'[n]}") for n in range(5)]
    rules: list[Words | Box] = [Box(50, 698 - 20 * n, 100, 0) for n in range(5)]
    chart = grid_of([[""] * 4] * 4, 300, 400, 20, 20)
    content = read_pdf(drawn_pdf([[Box(20, 20, 555, 800), *words, *rules, *chart]]), Limits())
    assert content.text == "\n".join(word.text for word in words)
    assert content.tables == ()


def test_a_real_generator_is_understood() -> None:
    """Merged heads, shades and a repeated head over three pages, as ReportLab draws them."""
    platypus: Any = pytest.importorskip("reportlab.platypus", reason="a tool for tests")
    rows = [["No", "Works", "Amount", ""], ["", "", "unit", "quantity"]]
    rows += [[str(number), f"Excavation {number}", "m3", str(10 * number)] for number in range(1, 90)]
    table = platypus.Table(rows, repeatRows=2)
    spans = [((0, 0), (0, 1)), ((1, 0), (1, 1)), ((2, 0), (3, 0))]
    table.setStyle([("GRID", (0, 0), (-1, -1), 0.5, "black"), ("BACKGROUND", (0, 0), (-1, 1), "lightgrey")])
    table.setStyle([("SPAN", *span) for span in spans])
    out = io.BytesIO()
    platypus.SimpleDocTemplate(out).build([table])
    content = read_pdf(out.getvalue(), Limits())
    assert len(content.pages) == 3
    assert _tables(content) == [rows]


def test_what_draws_too_much_is_named_and_its_text_is_there() -> None:
    """Lines of a hatched area; without tables the page is as it was."""
    hatch: list[Words | Box] = [Box(0, 0.0005 * n, 500, 0) for n in range(200)]
    data = drawn_pdf([[Words(50, 800, "Чертёж узла"), *hatch, *grid_of(_RU, 50, 780, 120, 20)]])
    content = read_pdf(data, Limits(pdf_lines=9))
    assert content.warnings == ("tables can't be looked for on 1 of 1 pages: 1",)
    assert content.tables == ()
    assert "Чертёж узла" in content.text
    with RuledPages(data, Limits(pdf_lines=5)) as pages, pytest.raises(TooManyLines):
        pages.page(0)


def test_the_time_for_hostile_pages_is_bounded() -> None:
    """12,000 boxes in a comb, a grid of 160,000 cells, 40 of them: less than 15 s of the processor."""
    comb: list[Words | Box] = [Box(n % 590, n % 800, 3 + n % 7, 500) for n in range(12_000)]
    mesh: list[Words | Box] = [Box(4 * n, 0, 0, 1_600) for n in range(400)]
    mesh += [Box(0, 4 * n, 1_600, 0) for n in range(400)]
    data = drawn_pdf([[Words(9, 9, "comb"), *comb], [Words(9, 9, "mesh"), *mesh]])
    began = time.process_time()
    content = read_pdf(data, Limits())
    with RuledPages(data, Limits(pdf_operations=100_000)) as pages:
        for _ in range(40):
            with pytest.raises(TooManyLines):
                pages.page(1)
    assert time.process_time() - began < 15.0
    assert content.text == "comb\nmesh"
    assert "on 2 of 2 pages" in content.warnings[0]


def test_text_that_the_second_library_leaves_out_is_kept() -> None:
    """A sign that no font has makes a line of its own; the first library reads it, so its text is taken."""
    data = drawn_pdf([grid_of([["\u2116", "a"], ["b", "c"]], 50, 780, 120, 20)])
    content = read_pdf(data, Limits())
    assert "".join(content.text.split()) == "\u2116abc"
    assert content.warnings == ("tables can't be looked for on 1 of 1 pages: 1",)


def test_lines_that_a_form_draws_are_found() -> None:
    """As stamps and templates do; the form moves them to their place."""
    box = b"0 0 60 20 re S 60 0 60 20 re S 0 20 60 20 re S 60 20 60 20 re S"
    words = (b"55 705 Td (a) Tj", b"60 0 Td (b) Tj", b"-60 20 Td (c) Tj", b"60 0 Td (d) Tj")
    drawn = b"q 1 0 0 1 50 700 cm /F Do Q 0 0 1 1 re 0 0 1 1 re 0 0 1 1 re 0 0 1 1 re n BT /T 9 Tf %s ET" % b" ".join(
        words
    )
    data = assemble_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /XObject << /F 5 0 R >> /Font << /T 6 0 R >> >> >>",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
            b"<< /Type /XObject /Subtype /Form /BBox [0 0 120 40] /Length %d >>\nstream\n%s\nendstream"
            % (len(box), box),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
    )
    assert _tables(read_pdf(data, Limits())) == [[["c", "d"], ["a", "b"]]]
