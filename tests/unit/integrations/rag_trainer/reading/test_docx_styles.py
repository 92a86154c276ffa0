"""Styles of Word documents."""

from __future__ import annotations

from typing import Any

from lxml import etree

from integrations.rag_trainer.reading.docx_styles import Styles, attribute, value

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _tree(xml: str) -> Any:
    return etree.fromstring(f"<w:x {_W}>{xml}</w:x>")


_STYLES = Styles(
    _tree(
        '<w:style w:styleId="1"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:styleId="Z"><w:name w:val="Заголовок 3"/></w:style>'
        '<w:style w:styleId="Own"><w:name w:val="Глава"/><w:basedOn w:val="1"/></w:style>'
        '<w:style w:styleId="Out"><w:name w:val="Пункт"/><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="5"/>'
        '</w:numPr><w:outlineLvl w:val="3"/></w:pPr></w:style>'
        '<w:style w:styleId="T"><w:name w:val="Title"/></w:style>'
        '<w:style w:styleId="A"><w:name w:val="a"/><w:basedOn w:val="B"/></w:style>'
        '<w:style w:styleId="B"><w:name w:val="b"/><w:basedOn w:val="A"/></w:style>'
    )
)


def _level(style: str, more: str = "") -> int | None:
    return _STYLES.level(_tree(f'<w:pPr><w:pStyle w:val="{style}"/>{more}</w:pPr>'))


def test_headings_are_known_by_name_base_or_outline() -> None:
    """Word's own names, Russian ones, styles based on them, and any style with an outline level."""
    assert [_level(style) for style in ("1", "Z", "Own", "Out", "T")] == [1, 3, 1, 4, 1]
    assert _level("none") is None
    assert _STYLES.level(_tree("")) is None


def test_a_paragraph_may_say_otherwise() -> None:
    """Its own outline level wins; 9 is text."""
    assert _level("1", '<w:outlineLvl w:val="9"/>') is None
    assert _level("none", '<w:outlineLvl w:val="0"/>') == 1


def test_styles_that_are_based_on_each_other_end() -> None:
    """A damaged document."""
    assert _level("A") is None


def test_numbers_come_from_the_paragraph_or_its_style() -> None:
    """Each half on its own."""
    assert _STYLES.numbering(_tree('<w:pPr><w:pStyle w:val="Out"/></w:pPr>')) == ("5", "1")
    own = '<w:pPr><w:pStyle w:val="Out"/><w:numPr><w:numId w:val="9"/></w:numPr></w:pPr>'
    assert _STYLES.numbering(_tree(own)) == ("9", "1")
    assert Styles(None).numbering(_tree("")) == (None, None)


def test_attributes_are_found_in_any_namespace() -> None:
    """Strict documents have another one."""
    node = etree.fromstring('<a xmlns:s="other" s:val="x"/>')
    assert (attribute(node, "val"), attribute(node, "no"), value(node), value(None)) == ("x", None, "x", None)
