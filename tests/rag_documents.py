"""Documents of each format for tests, made by code: the same blocks as docx, xlsx, html, md, txt and pdf.

A document is a sequence of blocks: a `str` is a paragraph, `H(level, text)` a heading, `T(rows)` a table. Each writer
returns the path it wrote to.
"""

from __future__ import annotations

import html
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import docx
from openpyxl import Workbook
from pypdf import PdfReader, PdfWriter
from pypdf.generic import IndirectObject


class H(NamedTuple):
    """A heading; `level` from 1."""

    level: int
    text: str


class T(NamedTuple):
    """A table; the first row is its head."""

    rows: Sequence[Sequence[str]]


Block: TypeAlias = str | H | T

DOCUMENT_RU: Sequence[Block] = (
    H(1, "Проект производства работ"),
    "Настоящий проект составлен на устройство монолитного фундамента жилого дома.",
    H(2, "1 Общие указания"),
    "1.1 До начала бетонирования выполняют разбивку осей, устройство котлована и щебёночной подготовки.",
    "1.2 Бетонная смесь класса B25 укладывается слоями толщиной не более 400 мм.",
    H(2, "2 Состав работ"),
    T((("Работа", "Единица", "Объём"), ("Разработка грунта", "куб. м", "1200"), ("Армирование плиты", "т", "18,5"))),
    "После набора прочности 70 % выполняют обратную засыпку пазух.",
)
DOCUMENT_EN: Sequence[Block] = (
    H(1, "Method statement"),
    "This statement covers the cast-in-place foundation of a residential building.",
    H(2, "1 General"),
    "1.1 Setting out, excavation and the crushed stone bed come before any concrete is placed.",
    "1.2 Concrete of grade C25/30 is placed in layers of at most 400 mm.",
    H(2, "2 Works"),
    T((("Work", "Unit", "Amount"), ("Excavation", "m³", "1200"), ("Reinforcement of the slab", "t", "18.5"))),
    "Backfilling follows when the concrete has reached 70 % of its strength.",
)


def as_text(blocks: Sequence[Block], newline: str = "\n") -> str:
    """Render blocks as plain text: one line per block, a table as rows with ` | ` between cells."""
    return newline.join(newline.join(_lines(block)) for block in blocks) + newline


def _lines(block: Block) -> list[str]:
    if isinstance(block, T):
        return [" | ".join(row) for row in block.rows]
    return [block.text if isinstance(block, H) else block]


def as_markdown(blocks: Sequence[Block]) -> str:
    """Render blocks as Markdown with ATX headings and pipe tables."""
    return "\n\n".join(_markdown(block) for block in blocks) + "\n"


def _markdown(block: Block) -> str:
    if isinstance(block, H):
        return f"{'#' * block.level} {block.text}"
    if isinstance(block, T):
        head, *rows = (f"| {' | '.join(row)} |" for row in block.rows)
        return "\n".join([head, "|" + " --- |" * len(block.rows[0]), *rows])
    return block


def as_html(blocks: Sequence[Block], title: str = "", charset: str = "utf-8") -> str:
    """Render blocks as an HTML page that declares `charset`, with a script and a style that are no text."""
    body = "\n".join(_html(block) for block in blocks)
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="{charset}"><title>{html.escape(title)}</title>'
        f"<style>p {{ color: red }}</style><script>var hidden = 1 < 2;</script></head>\n<body>{body}</body></html>\n"
    )


def _html(block: Block) -> str:
    if isinstance(block, H):
        return f"<h{block.level}>{html.escape(block.text)}</h{block.level}>"
    if isinstance(block, T):
        rows = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in block.rows)
        return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"
    return f"<p>{html.escape(block)}</p>"


def write_txt(path: Path, blocks: Sequence[Block], encoding: str = "utf-8", newline: str = "\n") -> Path:
    """Write plain text in any encoding that Python knows (`utf-8-sig` and `utf-16` write a BOM)."""
    path.write_bytes(as_text(blocks, newline).encode(encoding))
    return path


def write_md(path: Path, blocks: Sequence[Block], encoding: str = "utf-8") -> Path:
    """Write Markdown."""
    path.write_bytes(as_markdown(blocks).encode(encoding))
    return path


def write_html(path: Path, blocks: Sequence[Block], title: str = "", encoding: str = "utf-8") -> Path:
    """Write an HTML page whose `<meta charset>` names the encoding."""
    path.write_bytes(as_html(blocks, title, encoding).encode(encoding))
    return path


def write_docx(path: Path, blocks: Sequence[Block], title: str = "") -> Path:
    """Write a Word document with heading styles and tables; `title` goes into its core properties."""
    document = docx.Document()
    document.core_properties.title = title
    for block in blocks:
        if isinstance(block, H):
            document.add_heading(block.text, block.level)
        elif isinstance(block, T):
            table = document.add_table(rows=0, cols=len(block.rows[0]))
            for row in block.rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        else:
            document.add_paragraph(block)
    document.save(str(path))
    return path


def write_xlsx(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]], title: str = "") -> Path:
    """Write a workbook; each sheet is rows of cells (`None`: an empty cell, `()`: an empty row)."""
    book = Workbook()
    book.properties.title = title
    for old in book.worksheets:
        book.remove(old)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                sheet.cell(number, column, value)
    book.save(path)
    return path


class Outline(NamedTuple):
    """A bookmark of a PDF; `page` counts from 0, `level` from 1."""

    level: int
    title: str
    page: int


def write_pdf(
    path: Path,
    pages: Sequence[str],
    title: str = "",
    outline: Sequence[Outline] = (),
    password: str | None = None,
    algorithm: Literal["RC4-40", "RC4-128", "AES-128", "AES-256"] = "RC4-128",
) -> Path:
    """Write a PDF with real text in any language: a page is lines, with a ToUnicode map and no embedded font.

    Args:
        password: encrypt with this user password; empty: it opens without one, as files do that only forbid printing.
        algorithm: AES needs the package cryptography.
    """
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_bytes(pages))))
    if title:
        writer.add_metadata({"/Title": title})
    above: list[IndirectObject] = []
    for level, text, page in outline:
        del above[level - 1 :]
        above.append(writer.add_outline_item(title=text, page_number=page, parent=above[-1] if above else None))
    if password is not None:
        writer.encrypt(password, "owner", algorithm=algorithm)
    writer.write(str(path))
    return path


def pdf_bytes(pages: Sequence[str]) -> bytes:
    """Make the bytes of a plain PDF with these pages of text."""
    return _plain_pdf("\n".join(pages), list(map(_page_content, pages)))


def _plain_pdf(told: str, contents: Sequence[str], rotate: int = 0) -> bytes:
    codes = sorted({ord(char) for char in told if char != "\n"} | {32})
    first = 6
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(contents)} /Kids [{kids}] /Rotate {rotate} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Plain /Encoding /Identity-H /DescendantFonts [4 0 R]"
        b" /ToUnicode 5 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Plain /DW 500"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        _stream(_to_unicode(codes)),
    ]
    for number, content in enumerate(contents):
        objects += [_page(first + 2 * number + 1), _stream(content.encode())]
    return assemble_pdf(objects)


class Words(NamedTuple):
    """Text on a drawn page of 595 x 842 points, from its left end; from the lower left corner."""

    x: float
    y: float
    text: str


class Box(NamedTuple):
    """A rectangle that is drawn; `height` or `width` 0: a line."""

    x: float
    y: float
    width: float
    height: float


def drawn_pdf(pages: Sequence[Sequence[Words | Box]], rotate: int = 0) -> bytes:
    """Make the bytes of a PDF with text and rectangles at their places; `rotate`: degrees, clockwise."""
    told = "".join(item.text for page in pages for item in page if isinstance(item, Words))
    return _plain_pdf(told, ["\n".join(map(_drawn, page)) for page in pages], rotate)


def grid_of(rows: Sequence[Sequence[str]], left: float, top: float, width: float, height: float) -> list[Words | Box]:
    """Draw a table with a box around each cell; all cells have one size."""
    items: list[Words | Box] = []
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            x, y = left + column * width, top - (number + 1) * height
            items += [Box(x, y, width, height), Words(x + 3, y + 4, text)]
    return items


def _drawn(item: Words | Box) -> str:
    if isinstance(item, Words):
        return f"BT /F1 8 Tf {item.x} {item.y} Td <{item.text.encode('utf-16-be').hex()}> Tj ET"
    return f"{item.x} {item.y} {item.width} {item.height} re S"


def assemble_pdf(objects: Sequence[bytes]) -> bytes:
    """Put numbered objects (the first is the catalogue) into a PDF file with a cross-reference table."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _page(content: int) -> bytes:
    return (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
        b" /Contents %d 0 R >>" % content
    )


def _page_content(text: str) -> str:
    lines = (f"<{line.encode('utf-16-be').hex()}> Tj T*" for line in text.split("\n"))
    return "BT /F1 11 Tf 14 TL 50 790 Td\n" + "\n".join(lines) + "\nET"


def _stream(data: bytes) -> bytes:
    packed = zlib.compress(data, 9)
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)


def _to_unicode(codes: Sequence[int]) -> bytes:
    blocks = [codes[start : start + 100] for start in range(0, len(codes), 100)]
    maps = "\n".join(
        f"{len(block)} beginbfchar\n" + "\n".join(f"<{code:04x}> <{code:04x}>" for code in block) + "\nendbfchar"
        for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Plain def /CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n{maps}\nendcmap end end"
    ).encode()


def write_zip(path: Path, members: Mapping[str, bytes]) -> Path:
    """Write a ZIP archive with these members, deflated."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path
