"""Web pages: headings, tables and paragraphs as they are shown; scripts and styles are no text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from lxml import html

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.content import Content, Writer
from integrations.rag_trainer.reading.encodings import Decoded, decode
from integrations.rag_trainer.stage import StageFailed

_DECLARED: Final = re.compile(
    rb"""(?:<meta\b[^>]{0,300}?charset\s{0,10}=\s{0,10}["']?|<\?xml[^>]{0,100}?encoding\s{0,10}=\s{0,10}["'])"""
    rb"([A-Za-z0-9._:-]{1,40})",
    re.IGNORECASE,
)
_DECLARED_WITHIN: Final = 4_096
_LEFT_OUT: Final = frozenset(
    re.findall(
        r"\w+",
        "script style template noscript svg head iframe object select textarea button nav dialog audio video canvas",
    )
)
_AROUND: Final = frozenset(("navigation", "banner", "contentinfo", "search", "menu", "menubar"))
"""Roles of what stands around the text of a page (WAI-ARIA landmarks)."""
_NOT_SHOWN: Final = re.compile(r"display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}hidden", re.IGNORECASE)
_WIDEST_SPAN: Final = 100
_TALLEST_SPAN: Final = 1_000
_INLINE: Final = frozenset(
    re.findall(
        r"\w+",
        "a abbr acronym b bdi bdo big cite code data del dfn em font i img input ins kbd label mark nobr q s samp small"
        " span strike strong sub sup time tt u var wbr",
    )
)
_HEADING: Final = {f"h{level}": level for level in range(1, 7)}
_BLANK: Final = re.compile(r"[ \t\r\n\f]+")


def read_html(data: bytes, limits: Limits) -> Content:
    """Read a page as it is shown: what is hidden, and menus around the text, are left out; of a page with one `<main>`
    all else is. The encoding is found as for all text (see `decode`), where the page may declare one.

    Raises:
        StageFailed: see `decode`; `too_complex`: more tags and attributes than are taken, or nested deeper than 2,048,
            where the parser would lose text in silence.
    """
    decoded = decode_html(data)
    nodes = decoded.text.count("<") + decoded.text.count("=")
    if nodes > limits.xml_nodes:
        raise StageFailed(
            "too_complex",
            f"Expected at most {limits.xml_nodes} tags and attributes; there are {nodes}. Split the page, or raise"
            " xml_nodes.",
        )
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    text = decoded.text.encode("utf-8", "replace")
    root = html.document_fromstring(text or b"<p></p>", parser=parser, ensure_head_body=True)
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise StageFailed("too_complex", "Expected a page nested at most 2,048 deep; this one is deeper. Flatten it.")
    page = _Page(Writer(limits.text_chars))
    page.walk(_main(root))
    title = root.findtext(".//title")
    return page.writer.content(title=title, encoding=decoded.encoding, warnings=decoded.warnings)


def decode_html(data: bytes) -> Decoded:
    """Decode a page by what it declares, where the bytes don't say otherwise."""
    declared = _DECLARED.search(data[:_DECLARED_WITHIN])
    return decode(data, declared[1].decode("ascii") if declared else None)


def without_declaration(text: str) -> str:
    """Return a page's source without the encoding that it declares, to compare it with the same page in another."""
    head = text[:_DECLARED_WITHIN].encode("utf-8", "replace")
    return _DECLARED.sub(b"", head).decode("utf-8", "replace") + text[_DECLARED_WITHIN:]


def _main(root: Any) -> Any:
    """The one part that the page itself calls its main one, if there is text in it; else all."""
    found = root.xpath("//main | //*[@role='main']")
    return found[0] if len(found) == 1 and text_of(found[0]) else root


def _is_left_out(node: Any) -> bool:
    """Whether a node isn't shown, or stands around the text, such as a menu."""
    tag = node.tag
    return (
        tag in _LEFT_OUT
        or not isinstance(tag, str)
        or node.get("hidden") is not None
        or node.get("role") in _AROUND
        or bool(_NOT_SHOWN.search(node.get("style", "")[:1_000]))
    )


class _Page:
    """Goes through the tree without recursion, so that nesting costs no stack."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self._pieces: list[str] = []
        self._preformatted = 0

    def walk(self, root: Any) -> None:
        """Write what is below a node."""
        waiting: list[tuple[str, Any]] = [("begin", root)]
        while waiting:
            step, node = waiting.pop()
            if step == "text":
                self._text(node)
            elif step == "end":
                self._end(node)
            elif self._begin(node):
                waiting.append(("end", node))
                for child in reversed(node):
                    waiting += [("text", child.tail), ("begin", child)]
                waiting.append(("text", node.text))

    def _begin(self, node: Any) -> bool:
        """Begin a node; say whether to go through what is in it."""
        tag = node.tag
        if _is_left_out(node):
            return False
        if tag == "br":
            self._pieces.append("\n")
            return False
        if tag not in _INLINE:
            self._flush()
        if tag == "table":
            self._table(node)
            return False
        if tag in _HEADING:
            self.writer.gap()
            self.writer.heading(text_of(node), _HEADING[tag])
            return False
        self._preformatted += tag == "pre"
        return True

    def _end(self, node: Any) -> None:
        if node.tag not in _INLINE:
            self._flush()
        self._preformatted -= node.tag == "pre"

    def _text(self, text: str | None) -> None:
        if text:
            self._pieces.append(text if self._preformatted else _BLANK.sub(" ", text))

    def _table(self, node: Any) -> None:
        """A table that has tables in it, or only one cell, is made for looks: what is in it is read as text."""
        rows = list(_rows(node))
        if len(rows) < 1 or max(map(len, rows)) < 2 or node.find(".//table") is not None:
            for cell in node.iterchildren():
                self._layout(cell)
        else:
            for caption in node.iterchildren("caption"):
                self.writer.paragraph(text_of(caption))
            self.writer.table(_spread(rows))

    def _layout(self, node: Any) -> None:
        inner = _Page(self.writer)
        inner.walk(node)

    def _flush(self) -> None:
        text = "".join(self._pieces)
        self._pieces.clear()
        if text.strip():
            lines = text.split("\n")
            self.writer.paragraph(text if self._preformatted else "\n".join(" ".join(line.split()) for line in lines))


def text_of(node: Any) -> str:
    """Return the text below a node as one line, without scripts and styles."""
    pieces: list[str] = []
    waiting: list[Any] = [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            pieces.append(item)
        elif not _is_left_out(item):
            pieces.append(item.text or "" if item.tag in _INLINE else f" {item.text or ''}")
            for child in reversed(item):
                waiting += [child.tail or "", child]
    return " ".join("".join(pieces).split())


def _spread(rows: list[list[Any]]) -> Iterator[list[str]]:
    """The texts of cells in their columns; where a cell spans others, these are empty. Spans that would make a table
    more than three times as large are ignored."""
    spare = 2 * sum(map(len, rows)) + 1_000
    below: dict[int, int] = {}
    for row in rows:
        texts: list[str] = []
        for cell in row:
            _skip(texts, below)
            wide, high = _span(cell, "colspan", _WIDEST_SPAN), _span(cell, "rowspan", _TALLEST_SPAN)
            spare -= wide * high - 1
            wide, high = (wide, high) if spare >= 0 else (1, 1)
            if high > 1:
                below.update(dict.fromkeys(range(len(texts), len(texts) + wide), high))
            texts += [text_of(cell), *[""] * (wide - 1)]
        _skip(texts, below)
        yield texts
        below = {place: left - 1 for place, left in below.items() if left > 1}


def _skip(texts: list[str], below: dict[int, int]) -> None:
    while below.get(len(texts), 0) > 0:
        texts.append("")


def _span(cell: Any, name: str, most: int) -> int:
    told = (cell.get(name) or "1").strip()
    return min(max(int(told), 1), most) if told.isdecimal() and len(told) < 6 else 1


def _rows(table: Any) -> Iterator[list[Any]]:
    for node in table.iterchildren():
        if node.tag == "tr":
            yield list(node.iterchildren("td", "th"))
        elif node.tag in ("thead", "tbody", "tfoot"):
            for row in node.iterchildren("tr"):
                yield list(row.iterchildren("td", "th"))
