"""Numbers with units."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.recognition.folding import fold
from integrations.rag_trainer.recognition.quantities import quantities


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("25 мм", "25", "мм"),
        ("1\u00a0200 м³", "1200", "м³"),
        ("12 м2", "12", "м²"),
        ("45 кв. м", "45", "м²"),
        ("2,5 т", "2.5", "т"),
        ("30 MПа", "30", "МПа"),
        ("-5 °С", "-5", "°C"),
        ("минус 5 °C", "-5", "°C"),
        ("10–15 мм", "10..15", "мм"),
        ("200×300 мм", "200x300", "мм"),
        ("85 %", "85", "%"),
        ("5 шт.", "5", "шт."),
        ("18 Н/мм2", "18", "Н/мм²"),
        ("12 kN", "12", "kN"),
        ("4 ft", "4", "ft"),
        ("1,200 mm", "1200", "mm"),
        ("14 календарных дней", "14", "календарных дней"),
        ("220 В", "220", "В"),
    ],
)
def test_a_quantity_is_read(text: str, value: str, unit: str) -> None:
    """With its sign, range or sizes, and its unit in one spelling."""
    told = f"Тут {text}, и"
    (found,) = quantities(told, fold(told))
    assert (found.value, found.unit, found.text) == (value, unit, text)


@pytest.mark.parametrize(
    "text", ["5 in the list", "5 т. д. и", "5.2.1 м", "2019 г", "5 М", "5 В случае", "А5 мм1", "5"]
)
def test_what_only_looks_like_a_unit_is_none(text: str) -> None:
    """Prepositions, abbreviations, clause numbers, years."""
    assert list(quantities(text, fold(text))) == []
