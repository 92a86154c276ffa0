"""Numbers that Word counts."""

from __future__ import annotations

import pytest
from lxml import etree

from integrations.rag_trainer.reading.docx_numbering import Numbering

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _numbering(*levels: tuple[str, str], start: str = "1") -> Numbering:
    inner = "".join(
        f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{format}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for number, (format, text) in enumerate(levels)
    )
    return Numbering(
        etree.fromstring(
            f'<w:numbering {_W}><w:abstractNum w:abstractNumId="7">{inner}</w:abstractNum>'
            '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
        )
    )


def test_deeper_levels_begin_again() -> None:
    """5.2.1 as norms have it; a level that was left out counts as begun."""
    numbering = _numbering(("decimal", "%1"), ("decimal", "%1.%2"), ("decimal", "%1.%2.%3"))
    asked = ["0", "1", "1", "2", "0", "2"]
    assert [numbering.label("1", depth) for depth in asked] == ["1", "1.1", "1.2", "1.2.1", "2", "2.1.1"]


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        ("lowerLetter", "a) b) c)"),
        ("upperLetter", "A) B) C)"),
        ("russianLower", "а) б) в)"),
        ("russianUpper", "А) Б) В)"),
        ("upperRoman", "I) II) III)"),
        ("lowerRoman", "i) ii) iii)"),
    ],
)
def test_letters_and_roman_numbers(format: str, expected: str) -> None:
    """As Word shows them."""
    numbering = _numbering((format, "%1)"))
    assert " ".join(numbering.label("1", None) for _ in range(3)) == expected


def test_bullets_and_unknown_lists_have_no_label() -> None:
    """And what is no number is no level."""
    numbering = _numbering(("bullet", "•"))
    assert [numbering.label("1", "0"), numbering.label("9", "0"), numbering.label(None, None)] == ["", "", ""]
    assert numbering.label("1", "x") == numbering.label("1", "8") == Numbering(None).label("1", "0") == ""


def test_numbers_stay_short() -> None:
    """However a damaged document begins to count."""
    assert _numbering(("lowerRoman", "%1"), start="9" * 30).label("1", "0") == "100000"
    assert len(_numbering(("lowerLetter", "%1"), start="9999").label("1", "0")) == 10
