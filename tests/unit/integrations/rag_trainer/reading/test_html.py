"""Web pages."""

from __future__ import annotations

import time

import pytest

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.html import decode_html, read_html, text_of, without_declaration
from integrations.rag_trainer.stage import StageFailed
from tests.rag_documents import DOCUMENT_EN, DOCUMENT_RU, as_html, as_text


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "koi8-r", "utf-16"])
def test_a_page_is_read_in_the_encoding_that_it_declares(encoding: str) -> None:
    """Scripts and styles are out; headings, tables and the title are known."""
    content = read_html(as_html(DOCUMENT_RU, "Титул", encoding).encode(encoding), Limits())
    assert [line for line in content.text.split("\n") if line] == as_text(DOCUMENT_RU).strip().split("\n")
    assert [heading.level for heading in content.headings] == [1, 2, 2]
    assert len(content.tables) == 1
    assert content.title == "Титул"


def test_a_page_that_declares_another_encoding_than_it_has_is_read() -> None:
    """Bytes that are UTF-8 are UTF-8."""
    content = read_html(as_html(DOCUMENT_EN, charset="cp1251").encode(), Limits())
    assert (content.encoding, "m³" in content.text) == ("utf-8", True)


def test_inline_marks_lines_and_lists() -> None:
    """Words stay whole, breaks and preformatted lines stay."""
    page = b"<p>con<b>cre</b>te<br>next</p><ul><li>one<li>two</ul><pre>a\n  b</pre><div>x<p>y</p>z</div><!-- no -->"
    assert read_html(page, Limits()).text == "concrete\nnext\none\ntwo\na\n  b\nx\ny\nz"


def test_tables_for_looks_are_text() -> None:
    """One cell, or tables in tables; a caption stands before its table."""
    page = b"<table><tr><td><h2>Head</h2><table><caption>C<tr><th>a<td>b</table></table>"
    content = read_html(page, Limits())
    assert content.text == "Head\nC\na | b"
    assert [table.rows for table in content.tables] == [(("a", "b"),)]


def test_text_of_leaves_out_scripts() -> None:
    """As in cells and headings."""
    content = read_html(b"<h1>A<script>no</script>B <i>c</i></h1>", Limits())
    assert content.text == "AB c"
    assert callable(text_of)


def test_pages_compare_without_their_declaration() -> None:
    """The same page saved in two encodings."""
    texts = {without_declaration(as_html(DOCUMENT_RU, charset=name)) for name in ("utf-8", "cp1251")}
    assert len(texts) == 1
    assert decode_html(as_html(DOCUMENT_RU, charset="cp866").encode("cp866")).encoding == "cp866"


def test_hostile_pages_are_bounded() -> None:
    """Deep nesting costs no stack and loses no text in silence, too many tags are refused, entities don't grow."""
    start = time.process_time()
    assert read_html(b"<html><body>" + b"<div>" * 1_500 + b"deep", Limits()).text == "deep"
    with pytest.raises(StageFailed) as deeper:
        read_html(b"<html><body>" + b"<div>" * 100_000 + b"deep", Limits())
    assert deeper.value.reason == "too_complex"
    read_html(b"<meta " * 100_000, Limits())
    assert time.process_time() - start < 5
    laughs = b'<!DOCTYPE html [<!ENTITY a "haha"><!ENTITY b "&a;&a;">]><html><p>&b; end</p>'
    assert "haha" not in read_html(laughs, Limits()).text.replace('"haha"', "")
    with pytest.raises(StageFailed) as caught:
        read_html(b"<p>" * 100, Limits(xml_nodes=99))
    assert caught.value.reason == "too_complex"


def test_what_is_around_the_text_is_left_out() -> None:
    """Menus, hidden parts, and, where the page names its main part, all else."""
    page = (
        '<nav>menu</nav><div role="navigation">more</div><p hidden>no</p><p style="color:red; display : none">no</p>'
        "<header>Site</header>{}<footer>Imprint</footer>"
    )
    plain = read_html(page.format("<p>Text</p>").encode(), Limits())
    assert plain.text.split("\n") == ["Site", "Text", "Imprint"]
    assert read_html(page.format("<main><h1>Head</h1><p>Text</p></main>").encode(), Limits()).text == "Head\nText"
    assert "Imprint" in read_html(page.format("<main> </main>").encode(), Limits()).text


def test_merged_cells_keep_the_columns_in_place() -> None:
    """Over columns and over rows, as in other formats."""
    page = (
        b"<table><tr><th rowspan=2>N<th colspan=2>Amount<tr><th>unit<th>quantity"
        b"<tr><td>1<td>m3<td>5<tr><td rowspan=2 colspan=2>both<td>a<tr><td>b</table>"
    )
    (table,) = read_html(page, Limits()).tables
    assert table.rows == (
        ("N", "Amount", ""),
        ("", "unit", "quantity"),
        ("1", "m3", "5"),
        ("both", "", "a"),
        ("", "", "b"),
    )


def test_spans_that_grow_a_table_are_bounded() -> None:
    """10,000 cells that each claim to be 100,000 wide and high; numbers that are none."""
    cell = "<td colspan=99999 rowspan=99999>x"
    start = time.process_time()
    (table,) = read_html(f"<table>{'<tr>' + cell * 100}{'<tr>' + '<td>y' * 100}".encode(), Limits()).tables
    assert sum(map(len, table.rows)) <= 3 * 200 + 2_000
    read_html(f"<table>{('<tr>' + cell * 10) * 1_000}</table>".encode(), Limits())
    assert time.process_time() - start < 3
    (table,) = read_html(b"<table><tr><td colspan=x>a<td rowspan=-1>b<tr><td>c<td>d</table>", Limits()).tables
    assert table.rows == (("a", "b"), ("c", "d"))
