"""Sections and the places in them; golden outlines are in `stages/test_structure.py`."""

from __future__ import annotations

from integrations.rag_trainer.recognition.outline import section_at, sections_of
from integrations.rag_trainer.results import Text


def _titles(text: str, covered: list[tuple[int, int]]) -> list[str]:
    return [section.title for section in sections_of(Text(log="", text=text, language="und"), covered)]


def test_lines_of_tables_begin_no_section() -> None:
    """A numbered row is a row."""
    text = "1 Scope\nwords\n2 Row\nwords\n"
    row = (text.index("2 Row"), text.index("2 Row") + 5)
    assert _titles(text, []) == ["Scope", "Row"]
    assert _titles(text, [row]) == ["Scope"]


def test_a_number_has_to_go_on() -> None:
    """From the one before it, with up to two missing."""
    assert _titles("1 Scope\na\n3 Terms\nb\n9 Lives\nc\n4 Use\nd", []) == ["Scope", "Terms", "Use"]


def test_a_place_is_in_the_innermost_section() -> None:
    """Before the first it is in none."""
    text = "Title\n1 Scope\n1.1 General\nwords\n2 Terms\nwords"
    sections = sections_of(Text(log="", text=text, language="und"), [])
    places = [0, text.index("words"), text.rindex("words")]
    assert list(section_at(sections, places)) == [None, 1, 2]
