"""Word documents."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.content import Content
from integrations.rag_trainer.reading.docx import read_docx
from integrations.rag_trainer.stage import StageFailed
from tests.rag_documents import DOCUMENT_EN, DOCUMENT_RU, Block, as_text, write_docx, write_zip

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _body(tmp_path: Path, xml: str) -> Content:
    part = f"<w:document {_W}><w:body>{xml}</w:body></w:document>".encode()
    return read_docx(write_zip(tmp_path / "a.docx", {"word/document.xml": part}).read_bytes(), Limits())


@pytest.mark.parametrize("blocks", [DOCUMENT_RU, DOCUMENT_EN], ids=["ru", "en"])
def test_a_document_is_read_in_its_order(tmp_path: Path, blocks: list[Block]) -> None:
    """Headings by their styles, tables where they stand, the title of its properties."""
    content = read_docx(write_docx(tmp_path / "a.docx", blocks, "Титул").read_bytes(), Limits())
    assert content.text == as_text(blocks).strip()
    assert content.title == "Титул"
    assert [heading.level for heading in content.headings] == [1, 2, 2]
    assert [len(table.rows) for table in content.tables] == [3]


def test_tracked_changes_controls_and_boxes_are_read(tmp_path: Path) -> None:
    """What is inserted is in, what is deleted is out; a text box follows its paragraph."""
    content = _body(
        tmp_path,
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>A</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        "<w:p><w:ins><w:r><w:t>in</w:t></w:r></w:ins><w:del><w:r><w:delText>out</w:delText></w:r></w:del>"
        "<w:r><w:tab/><w:t>B</w:t><w:noBreakHyphen/><w:t>C</w:t><w:br/><w:t>D</w:t></w:r>"
        "<w:r><w:drawing><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:drawing></w:r></w:p>",
    )
    assert content.text == "A\nin B-C\nD\nbox"


def test_merged_cells_keep_the_columns_in_place(tmp_path: Path) -> None:
    """A cell over two columns or rows stands once; a table in a cell is part of the cell."""
    inner = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>deep</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    content = _body(
        tmp_path,
        '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p><w:r><w:t>wide</w:t></w:r></w:p></w:tc>'
        '<w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr><w:p><w:r><w:t>tall</w:t></w:r></w:p></w:tc></w:tr>'
        f"<w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p>{inner}</w:tc><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc>"
        "<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>",
    )
    assert content.tables[0].rows == (("wide", "", "tall"), ("a deep", "b", ""))


def test_numbers_that_word_counts_are_in_the_text(tmp_path: Path) -> None:
    """A norm's 1.1 is nowhere but in the numbering."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="{text}"/></w:lvl>'
        for level, text in enumerate(("%1", "%1.%2"))
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for text, level in (("Общие положения", 0), ("Область", 1), ("Термины", 1), ("Работы", 0)):
        heading = document.add_heading(text, level + 1)
        number = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>'
        heading._p.get_or_add_pPr().append(parse_xml(number))
    document.save(str(tmp_path / "a.docx"))
    content = read_docx((tmp_path / "a.docx").read_bytes(), Limits())
    assert content.text.split("\n") == ["1 Общие положения", "1.1 Область", "1.2 Термины", "2 Работы"]
    assert len(content.headings) == 4


def _note(kind: str, number: int, text: str, more: str = "") -> str:
    return f'<w:{kind} w:id="{number}"{more}><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:{kind}>'


def _call(kind: str, number: int, word: str) -> str:
    return f'<w:p><w:r><w:t>{word}</w:t></w:r><w:r><w:{kind}Reference w:id="{number}"/></w:r></w:p>'


def test_notes_follow_what_they_hang_on(tmp_path: Path) -> None:
    """Footnotes and endnotes have one row of numbers; the line above them, and notes that nothing calls, are none."""
    body = (
        _call("footnote", 2, "Бетон")
        + _call("endnote", 2, "Сталь")
        + f"<w:tbl><w:tr><w:tc>{_call('footnote', 3, 'a')}</w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>"
        + "<w:p><w:del>"
        + _call("footnote", 4, "")[5:-6]
        + "</w:del><w:r><w:t>Конец</w:t></w:r></w:p>"
        + _call("footnote", 9, "Нет такой")
    )
    notes = [
        _note("footnote", 2, "По ГОСТ 26633"),
        _note("footnote", 3, "в таблице"),
        _note("footnote", 4, "вычеркнута"),
    ]
    line = _note("footnote", 0, "----", ' w:type="separator"')
    parts = {
        "word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>".encode(),
        "word/footnotes.xml": f"<w:footnotes {_W}>{line}{''.join(notes)}</w:footnotes>".encode(),
        "word/endnotes.xml": f"<w:endnotes {_W}>{_note('endnote', 2, 'В конце')}</w:endnotes>".encode(),
    }
    content = read_docx(write_zip(tmp_path / "a.docx", parts).read_bytes(), Limits())
    assert content.text.split("\n") == [
        "Бетон[1]",
        "[1] По ГОСТ 26633",
        "Сталь[2]",
        "[2] В конце",
        "a[3]",
        "[3] в таблице",
        "Конец",
        "Нет такой",
    ]


def test_headers_and_footers_are_no_text(tmp_path: Path) -> None:
    """They say on each page the same."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Шифр 12-34"
    document.sections[0].footer.paragraphs[0].text = "Лист 1"
    document.add_paragraph("Текст проекта")
    document.save(str(tmp_path / "a.docx"))
    assert read_docx((tmp_path / "a.docx").read_bytes(), Limits()).text == "Текст проекта"


def test_a_docx_without_a_body_is_corrupt(tmp_path: Path) -> None:
    """The archive is sound, and isn't one of Word."""
    with pytest.raises(StageFailed) as caught:
        read_docx(write_zip(tmp_path / "a.docx", {"word/styles.xml": b"<a/>"}).read_bytes(), Limits())
    assert caught.value.reason == "corrupt"
