"""Word documents: paragraphs, headings by their styles, tables where they stand, numbers that Word counts itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.archives import Archive
from integrations.rag_trainer.reading.content import Content, Writer
from integrations.rag_trainer.reading.docx_numbering import Numbering
from integrations.rag_trainer.reading.docx_styles import Styles, value
from integrations.rag_trainer.stage import StageFailed

_CORE: Final = "docProps/core.xml"
_TITLE: Final = "{http://purl.org/dc/elements/1.1/}title"
_LEFT_OUT: Final = frozenset(("del", "moveFrom", "instrText", "delText", "Fallback", "rPr", "pPr"))
"""What is deleted, computed, or there a second time for old programs."""
_SIGNS: Final = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": " "}


def read_docx(data: bytes, limits: Limits) -> Content:
    """Read the body of a document. Text boxes follow the paragraph that they hang on; what is marked as deleted is left
    out, what is inserted is in. Headers, footers, footnotes and comments are not part of the text.

    Raises:
        StageFailed: see `Archive`; `corrupt`: there is no body.
    """
    archive = Archive(data, limits, lambda name: name.startswith(("word/", "docProps/")) and name.endswith(".xml"))
    main = next((name for name in ("word/document.xml", "word/document2.xml") if name in archive), None)
    body = None if main is None else archive.xml(main).find("{*}body")
    if body is None:
        raise StageFailed("corrupt", "Expected a docx with a body; there is none. Save or copy it again.")
    reader = _Body(
        Writer(limits.text_chars),
        Styles(archive.xml("word/styles.xml") if "word/styles.xml" in archive else None),
        Numbering(archive.xml("word/numbering.xml") if "word/numbering.xml" in archive else None),
    )
    reader.blocks(body)
    title = archive.xml(_CORE).findtext(_TITLE) if _CORE in archive else None
    return reader.writer.content(title=title)


class _Body:
    def __init__(self, writer: Writer, styles: Styles, numbering: Numbering) -> None:
        self.writer = writer
        self._styles = styles
        self._numbering = numbering

    def blocks(self, parent: Any) -> None:
        """Write the paragraphs and tables below a node in their order, also those in content controls."""
        for node in parent:
            kind = _local(node)
            if kind == "p":
                self._paragraph(node)
            elif kind == "tbl":
                self.writer.table(self._rows(node))
            elif kind not in _LEFT_OUT and kind not in ("sectPr", "tblPr"):
                self.blocks(node)

    def _paragraph(self, node: Any) -> None:
        boxes: list[Any] = []
        text = self._numbered(node, "".join(_pieces(node, boxes)))
        level = self._styles.level(node)
        if level is None:
            self.writer.paragraph(text)
        else:
            self.writer.heading(text, level)
        for box in boxes:
            self.blocks(box)

    def _numbered(self, node: Any, text: str) -> str:
        """Put the number in front that Word shows there and that isn't in the text."""
        if not text.strip():
            return text
        label = self._numbering.label(*self._styles.numbering(node))
        return f"{label} {text}" if label else text

    def _rows(self, table: Any) -> Iterator[list[str]]:
        for row in _children(table, "tr"):
            cells: list[str] = []
            for cell in _children(row, "tc"):
                cells.append("" if _goes_on(cell) else self._cell(cell))
                cells += [""] * (_width(cell) - 1)
            yield cells

    def _cell(self, cell: Any) -> str:
        """A cell's paragraphs, and those of tables and boxes in it, as one line."""
        texts = []
        for node in cell.iter("{*}p"):
            if not _is_nested(node, cell):
                boxes: list[Any] = []
                texts.append(self._numbered(node, "".join(_pieces(node, boxes))))
                texts += ["".join(_pieces(inner, [])) for box in boxes for inner in box.iter("{*}p")]
        return " ".join(texts)


def _local(node: Any) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _children(parent: Any, kind: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, also when content controls or insertions stand around them."""
    for node in parent:
        if (local := _local(node)) == kind:
            yield node
        elif local in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            yield from _children(node, kind)


def _pieces(node: Any, boxes: list[Any]) -> Iterator[str]:
    for child in node:
        kind = _local(child)
        if kind == "t":
            yield child.text or ""
        elif kind in _SIGNS:
            yield _SIGNS[kind]
        elif kind == "txbxContent":
            boxes.append(child)
        elif kind and kind not in _LEFT_OUT:
            yield from _pieces(child, boxes)


def _is_nested(paragraph: Any, cell: Any) -> bool:
    """Whether the paragraph is in a text box or in what is left out: then it is not read here."""
    node = paragraph.getparent()
    while node is not cell:
        if _local(node) in _LEFT_OUT or _local(node) == "txbxContent":
            return True
        node = node.getparent()
    return False


def _goes_on(cell: Any) -> bool:
    """Whether the cell is the lower part of one that spans rows."""
    merge = cell.find("{*}tcPr/{*}vMerge")
    return merge is not None and value(merge) != "restart"


def _width(cell: Any) -> int:
    columns = value(cell.find("{*}tcPr/{*}gridSpan")) or "1"
    return min(max(int(columns), 1), 63) if columns.isdecimal() and len(columns) < 4 else 1
