"""The title of a document."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.recognition.titles import title_of
from integrations.rag_trainer.results import HeadingText, Text


@pytest.mark.parametrize(
    ("text", "told", "title"),
    [
        ("Отчёт за май\nСтрой", "Отчет за май", "Отчет за май"),
        ("Отчёт за май\nСтрой", "Microsoft Word - 1.doc", "Отчёт за май"),
        ("СВОД ПРАВИЛ\nСП 48.13330.2019\nОРГАНИЗАЦИЯ СТРОИТЕЛЬСТВА", None, "ОРГАНИЗАЦИЯ СТРОИТЕЛЬСТВА"),
        ("НАЦИОНАЛЬНЫЙ СТАНДАРТ РОССИЙСКОЙ ФЕДЕРАЦИИ\nБетоны тяжёлые", None, "Бетоны тяжёлые"),
        ("СВОД ПРАВИЛ", None, "СВОД ПРАВИЛ"),
        ("12\n\nReport", None, "Report"),
        ("12\n", None, None),
    ],
)
def test_the_title_stands_in_the_text(text: str, told: str | None, title: str | None) -> None:
    """A property of the file that the text doesn't repeat is none."""
    assert title_of(Text(log="", text=text, language="und", title=told)) == title


def test_the_first_heading_of_the_first_level_is_a_title() -> None:
    """As the format marked it."""
    text = Text(log="", text="x\n# Guide\n", language="en", headings=(HeadingText(start=2, end=9, level=1),))
    assert title_of(text) == "Guide"


@pytest.mark.parametrize("kind", ["СВОД ПРАВИЛ", "Межгосударственный стандарт", "СП 48.13330.2019"])
def test_a_heading_that_says_the_kind_is_none(kind: str) -> None:
    """The next one is."""
    text = f"# {kind}\n\n# Организация строительства\n"
    marks = (
        HeadingText(start=0, end=2 + len(kind), level=1),
        HeadingText(start=4 + len(kind), end=len(text) - 1, level=1),
    )
    assert title_of(Text(log="", text=text, language="ru", headings=marks)) == "Организация строительства"
