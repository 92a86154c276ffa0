"""Word documents: paragraphs, headings by their styles, tables where they stand, numbers that Word counts itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.archives import Archive
from integrations.rag_trainer.reading.content import Content, Writer
from integrations.rag_trainer.reading.docx_numbering import Numbering
from integrations.rag_trainer.reading.docx_styles import Styles, attribute, value
from integrations.rag_trainer.stage import StageFailed

_CORE: Final = "docProps/core.xml"
_TITLE: Final = "{http://purl.org/dc/elements/1.1/}title"
_LEFT_OUT: Final = frozenset(("del", "moveFrom", "instrText", "delText", "Fallback", "rPr", "pPr"))
"""What is deleted, computed, or there a second time for old programs."""
_NOTES: Final = ("footnote", "endnote")
_SIGNS: Final = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": " "}


def read_docx(data: bytes, limits: Limits) -> Content:
    """Read the body of a document. Text boxes, footnotes and endnotes follow the paragraph or the table that they hang
    on, a note as `[1] its text`; what is marked as deleted is left out, what is inserted is in. Headers and footers,
    which say on each page the same, and comments are not part of the text.

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
        {kind: _notes(archive, kind) for kind in _NOTES},
    )
    reader.blocks(body)
    title = archive.xml(_CORE).findtext(_TITLE) if _CORE in archive else None
    return reader.writer.content(title=title)


class _Body:
    """Writes what is in a document's body.

    Args:
        notes: nodes of notes by their ids, by their kinds.
    """

    def __init__(
        self, writer: Writer, styles: Styles, numbering: Numbering, notes: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self.writer = writer
        self._styles = styles
        self._numbering = numbering
        self._notes = notes
        self._told: dict[tuple[str, str], int] = {}

    def blocks(self, parent: Any) -> None:
        """Write the paragraphs and tables below a node in their order, also those in content controls."""
        for node in parent:
            kind = _local(node)
            if kind == "p":
                self._paragraph(node)
            elif kind == "tbl":
                hanging: list[Any] = []
                self.writer.table(self._rows(node, hanging))
                self._hang(hanging)
            elif kind not in _LEFT_OUT and kind not in ("sectPr", "tblPr"):
                self.blocks(node)

    def _paragraph(self, node: Any) -> None:
        hanging: list[Any] = []
        level = self._styles.level(node)
        text = self._numbered(node, self._text(node, hanging, marked=level is None))
        if level is None:
            self.writer.paragraph(text)
        else:
            self.writer.heading(text, level)
        self._hang(hanging)

    def _text(self, node: Any, hanging: list[Any], *, marked: bool = True) -> str:
        """The text of a paragraph, with the numbers of its notes if it is `marked`."""
        pieces = []
        for piece in _pieces(node):
            if isinstance(piece, str):
                pieces.append(piece)
                continue
            number = self._number(piece)
            if number != 0:
                hanging.append(piece)
            if number and marked:
                pieces.append(f"[{number}]")
        return "".join(pieces)

    def _number(self, node: Any) -> int | None:
        """The number of the note that a node calls; 0: there is no such note, or it was told; `None`: it is a box."""
        kind = _local(node).removesuffix("Reference")
        if kind not in _NOTES:
            return None
        key = kind, attribute(node, "id") or ""
        if key in self._told or key[1] not in self._notes[kind]:
            return 0
        self._told[key] = len(self._told) + 1
        return self._told[key]

    def _hang(self, hanging: list[Any]) -> None:
        """Write boxes, and notes; a note has no notes."""
        for node in hanging:
            kind = _local(node).removesuffix("Reference")
            if kind in _NOTES:
                key = kind, attribute(node, "id") or ""
                lines = (self._text(paragraph, []) for paragraph in self._notes[kind][key[1]].iter("{*}p"))
                self.writer.paragraph(f"[{self._told[key]}] {' '.join(' '.join(lines).split())}")
            else:
                self.blocks(node)

    def _numbered(self, node: Any, text: str) -> str:
        """Put the number in front that Word shows there and that isn't in the text."""
        if not text.strip():
            return text
        label = self._numbering.label(*self._styles.numbering(node))
        return f"{label} {text}" if label else text

    def _rows(self, table: Any, hanging: list[Any]) -> Iterator[list[str]]:
        for row in _children(table, "tr"):
            cells: list[str] = []
            for cell in _children(row, "tc"):
                cells.append("" if _goes_on(cell) else self._cell(cell, hanging))
                cells += [""] * (_width(cell) - 1)
            yield cells

    def _cell(self, cell: Any, hanging: list[Any]) -> str:
        """A cell's paragraphs, and those of tables and boxes in it, as one line; its notes go to those of the table."""
        texts = []
        for node in cell.iter("{*}p"):
            if not _is_nested(node, cell):
                found: list[Any] = []
                texts.append(self._numbered(node, self._text(node, found)))
                boxes = [item for item in found if _local(item) == "txbxContent"]
                hanging += [item for item in found if item not in boxes]
                texts += [self._text(inner, hanging) for box in boxes for inner in box.iter("{*}p")]
        return " ".join(texts)


def _notes(archive: Archive, kind: str) -> dict[str, Any]:
    """Notes by their ids, without the lines that part them from the text."""
    name = f"word/{kind}s.xml"
    if name not in archive:
        return {}
    nodes = archive.xml(name).iterfind(f"{{*}}{kind}")
    return {attribute(node, "id") or "": node for node in nodes if attribute(node, "type") in (None, "normal")}


def _local(node: Any) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _children(parent: Any, kind: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, also when content controls or insertions stand around them."""
    for node in parent:
        if (local := _local(node)) == kind:
            yield node
        elif local in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            yield from _children(node, kind)


def _pieces(node: Any) -> Iterator[Any]:
    """The text of a paragraph, and the nodes of what hangs on it where they hang."""
    for child in node:
        kind = _local(child)
        if kind == "t":
            yield child.text or ""
        elif kind in _SIGNS:
            yield _SIGNS[kind]
        elif kind in ("txbxContent", "footnoteReference", "endnoteReference"):
            yield child
        elif kind and kind not in _LEFT_OUT:
            yield from _pieces(child)


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
