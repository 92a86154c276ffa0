"""Documents that are made to hang or to fill the memory: each ends soon, read or with a named failure."""

from __future__ import annotations

import resource
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.reader import read_document
from integrations.rag_trainer.results import Format
from integrations.rag_trainer.stage import StageFailed
from tests.rag_documents import assemble_pdf, write_xlsx, write_zip

_SECONDS = 15.0
"""Of the processor, for one document; most take less than one."""
_KIBIBYTES = 400 << 10
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def _ends(format: Format, data: bytes) -> str:
    """Read it; return its text, or the reason of the failure."""
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        return read_document(format, data, Limits()).text
    except StageFailed as failure:
        return failure.reason
    finally:
        assert time.process_time() - began < _SECONDS
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < _KIBIBYTES


def _docx(tmp_path: Path, body: str, head: str = "", **parts: str) -> bytes:
    main = f"{head}<w:document {_W}><w:body>{body}</w:body></w:document>".encode()
    others = {f"word/{name}.xml": part.encode() for name, part in parts.items()}
    return write_zip(tmp_path / "a.docx", {"word/document.xml": main, **others}).read_bytes()


def _xlsx(tmp_path: Path, sheet: str, strings: str = "") -> bytes:
    write_xlsx(tmp_path / "a.xlsx", {"A": [["x"]]})
    with zipfile.ZipFile(tmp_path / "a.xlsx") as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w", 8) as new:
        for name in old.namelist():
            part = sheet if name.endswith("sheet1.xml") else strings if "sharedStrings" in name and strings else ""
            new.writestr(name, part or old.read(name))
    return (tmp_path / "b.xlsx").read_bytes()


_LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {"abcdefghijk"[n + 1]} "{("&" + "abcdefghijk"[n] + ";") * 10}">' for n in range(10)
)


def test_entities_that_grow_are_refused(tmp_path: Path) -> None:
    """A thousand million laughs in a docx, a xlsx, and a page, where they stay what they are."""
    laughs = f"{_LAUGHS}]>"
    paragraph = "<w:p><w:r><w:t>&k;</w:t></w:r></w:p>"
    assert _ends("docx", _docx(tmp_path, paragraph, laughs)) == "corrupt"
    assert _ends("docx", _docx(tmp_path, "<w:p/>", "", footnotes=f"{laughs}<a/>")) == "corrupt"
    cell = '<row r="1"><c t="inlineStr"><is><t>&k;</t></is></c></row>'
    assert (
        _ends("xlsx", _xlsx(tmp_path, f"{laughs}<worksheet {_S}><sheetData>{cell}</sheetData></worksheet>"))
        == "corrupt"
    )
    assert len(_ends("html", f"{laughs}<html><p>&k; end</p>".encode())) < 10_000


@pytest.mark.parametrize("depth", [200, 50_000])
def test_deep_documents_end(tmp_path: Path, depth: int) -> None:
    """Tables in tables, and content controls in each other."""
    table = (
        "<w:tbl><w:tr><w:tc>" * (depth // 3)
        + "<w:p><w:r><w:t>deep</w:t></w:r></w:p>"
        + "</w:tc></w:tr></w:tbl>" * (depth // 3)
    )
    control = "<w:sdt>" * depth + "<w:p><w:r><w:t>deep</w:t></w:r></w:p>" + "</w:sdt>" * depth
    expected = "deep" if depth < 250 else "corrupt"
    assert _ends("docx", _docx(tmp_path, table)) == expected
    assert _ends("docx", _docx(tmp_path, control)) == expected
    page = "<table><tr><td>" * (depth // 4) + "deep" + "</table>" * (depth // 4)
    assert _ends("html", page.encode()) == ("deep" if depth < 250 else "too_complex")


def test_notes_that_call_each_other_end(tmp_path: Path) -> None:
    """10,000 calls of a note that calls itself."""
    call = '<w:p><w:r><w:t>x</w:t><w:footnoteReference w:id="2"/></w:r></w:p>'
    notes = f'<w:footnotes {_W}><w:footnote w:id="2">{call}</w:footnote></w:footnotes>'
    assert _ends("docx", _docx(tmp_path, call * 10_000, footnotes=notes)).startswith("x[1]\n[1] x\nx\nx")


def test_sheets_that_claim_to_be_huge_end(tmp_path: Path) -> None:
    """50,000 empty rows, a dimension of all cells, a cell in the last column of many rows, merges of everything."""
    empty = "".join(f'<row r="{n}"/>' for n in range(1, 50_001))
    dimension = '<dimension ref="A1:XFD1048576"/>'
    one = '<row r="1048576"><c r="A1048576"><v>5</v></c></row>'
    wide = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 3_000))
    merge = '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    for rows, expected in ((empty, ""), (one, "too_long"), (wide, "too_long")):
        sheet = f"<worksheet {_S}>{dimension}<sheetData>{rows}</sheetData>{merge}</worksheet>"
        assert _ends("xlsx", _xlsx(tmp_path, sheet)) == expected


@pytest.mark.parametrize(
    "piece",
    [
        "|",
        "|a",
        "| --- ",
        "`",
        "#",
        "# a\n",
        "a|b\n-|-\n",
        "* ",
        "=\n",
        "a\n-\n",
        "~~~\n",
        "---\n",
        "\\|",
        "&amp;",
        "a: b\n",
    ],
)
def test_markdown_is_read_in_linear_time(piece: str) -> None:
    """200,000 characters of one sign."""
    _ends("md", (piece * (200_000 // len(piece))).encode())
    _ends("md", b"---\n" + (piece * (200_000 // len(piece))).encode())


@pytest.mark.parametrize(
    "piece", [b"\xff\xfe", b"\xc0\xe1", b"\x00a", b"\x1b$B", b"-\n", b"\f", b"\r", b"\xe2\x80", b"\xad\n"]
)
def test_bytes_of_no_encoding_end(piece: bytes) -> None:
    """200,000 bytes of what may be any encoding, or none."""
    _ends("txt", piece * (200_000 // len(piece)))


@pytest.mark.parametrize(
    "piece",
    [
        "<table><tr><td>",
        "<p",
        "<p a=",
        "&#x1",
        "<!--",
        "<script>",
        "</p>",
        "<td colspan=99999>",
        "<ul><li>",
        "<b><i>",
        "<main>",
    ],
)
def test_pages_end(piece: str) -> None:
    """300,000 characters of tags that nothing closes."""
    _ends("html", (piece * (300_000 // len(piece))).encode())


def _pdf(*objects: bytes) -> bytes:
    return assemble_pdf([b"<< /Type /Catalog /Pages 2 0 R /Outlines 5 0 R >>", *objects])


_PAGES = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << /Font << /F1 6 0 R >> >> /Contents 4 0 R >>"
_DRAWN = b"0 0 5 5 re S " * 9 + b"BT /F1 9 Tf (text) Tj ET"
_TEXT = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(_DRAWN), _DRAWN)
_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ((_PAGES, _PAGE, _TEXT, b"<< /First 5 0 R /Last 5 0 R /Title (a) /Next 5 0 R >>", _FONT), "text"),
        ((_PAGES, _PAGE, _TEXT, b"<< /First 7 0 R >>", _FONT, b"<< /Title (a) /First 7 0 R /Next 7 0 R >>"), "text"),
        ((_PAGES, _PAGE, b"<< /Length 4 0 R >>\nstream\nBT ET\nendstream", b"<< >>", _FONT), None),
        (
            (
                _PAGES,
                _PAGE,
                _TEXT,
                b"<< >>",
                b"<< /Type /Font /Subtype /Type0 /DescendantFonts [6 0 R] /ToUnicode 6 0 R >>",
            ),
            None,
        ),
        ((_PAGES, b"3 0 R", _TEXT, b"<< >>", _FONT), None),
        ((b"<< /Type /Pages /Count 9999999 /Kids [2 0 R 3 0 R] >>", _PAGE, _TEXT, b"<< >>", _FONT), None),
        ((_PAGES, _PAGE, b"[" * 100_000, b"<< >>", _FONT), None),
        ((_PAGES, _PAGE, b"<< /A " * 50_000, b"<< >>", _FONT), None),
        (
            (
                _PAGES,
                _PAGE,
                _TEXT,
                b"<< >>",
                b"<< /Type /Font /Subtype /Type3 /FontMatrix [0 0 0 0 0 0] /CharProcs << /a 4 0 R >> >>",
            ),
            None,
        ),
    ],
    ids=["outline", "outline-of-itself", "length", "font", "page", "tree", "arrays", "dictionaries", "type3"],
)
@pytest.mark.timeout(60)
def test_objects_that_name_themselves_end(objects: tuple[bytes, ...], expected: str | None) -> None:
    """Bookmarks, fonts, pages and lengths in a circle, and arrays in arrays: read, or named."""
    found = _ends("pdf", _pdf(*objects))
    assert expected is None or found == expected


@pytest.mark.timeout(60)
def test_tables_of_references_that_go_on_in_a_circle_end() -> None:
    """The table before a table is the table itself."""
    data = _pdf(_PAGES, _PAGE, _TEXT, b"<< >>", _FONT)
    start = data.rindex(b"xref\n0")
    circle = data.replace(b"trailer\n<<", b"trailer\n<< /Prev %d /XRefStm %d" % (start, start))
    assert _ends("pdf", circle) in ("text", "corrupt")


@pytest.mark.timeout(60)
def test_a_map_of_characters_that_is_a_bomb_ends() -> None:
    """100 kB that unpack to 100 MB of ranges."""
    bomb = zlib.compress(b"begincmap 1 beginbfrange <0000> <ffff> <0000> endbfrange\n" * 1_000_000, 9)
    cmap = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(bomb), bomb)
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 7 0 R >>"
    _ends("pdf", _pdf(_PAGES, _PAGE, _TEXT, b"<< >>", font, cmap))
