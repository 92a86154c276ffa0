"""Lines that may be headings."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.recognition.folding import fold
from integrations.rag_trainer.recognition.headings import heading, key, leads_to_page, number_in
from integrations.rag_trainer.recognition.lines import Line


def _line(text: str) -> Line:
    return Line(0, len(text), fold(text))


@pytest.mark.parametrize(
    ("text", "form", "number", "title"),
    [
        ("5 Общие требования", "number", "5", "Общие требования"),
        ("5.2.1 Работы следует вести.", "number", "5.2.1", ""),
        ("1. Scope", "number", "1", "Scope"),
        ("А.1 Форма", "number", "А.1", "Форма"),
        ("Раздел 2. Бетон", "part", "2", "Раздел 2. Бетон"),
        ("Глава IV", "chapter", "IV", "Глава IV"),
        ("Приложение А (обязательное)", "annex", "А", "Приложение А (обязательное)"),
        ("ANNEX B", "annex", "B", "ANNEX B"),
        ("Section 3", "article", "3", "Section 3"),
        ("Введение", "named", None, "Введение"),
    ],
)
def test_a_heading_is_read(text: str, form: str, number: str | None, title: str) -> None:
    """By its number, or by its word."""
    found = heading(_line(text), text)
    assert found is not None
    assert (found.form, found.number, found.title) == (form, number, title)


@pytest.mark.parametrize(
    "text",
    [
        "24.06.2019 Начало",
        "5 мм",
        "2019 Год",
        "1) Первое",
        "Раздел 2 описывает это",
        "Section 3 describes it",
        "5.5 МПа",
        "1. Подготовить основание;",
        "введение",
        "5",
        "Приложение а",
        "",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    """Dates, quantities, items of lists, prose."""
    assert heading(_line(text), text) is None


def test_a_line_of_contents_is_told_by_its_page() -> None:
    """And has the key of its heading."""
    line = _line("5 Общие требования ........ 12")
    assert leads_to_page(line)
    assert not leads_to_page(_line("5 Общие требования"))
    assert key(line) == key(_line("5 Общие  требования"))


def test_the_number_of_a_marked_heading_is_parted() -> None:
    """From its title, or from its word."""
    assert number_in("5.2 Приемка") == ("5.2", "Приемка")
    assert number_in("Глава 3. Права") == ("3", "Глава 3. Права")
    assert number_in("Состав") == (None, "Состав")
