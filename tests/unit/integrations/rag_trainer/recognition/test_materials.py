"""Materials with their grades."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.recognition.folding import fold
from integrations.rag_trainer.recognition.materials import materials


@pytest.mark.parametrize(
    ("text", "name", "grade"),
    [
        ("бетон B25", "бетон", "B25"),
        ("бетона класса В25", "бетон", "В25"),
        ("арматура А500С", "арматура", "А500С"),
        ("кирпич М150", "кирпич", "М150"),
        ("стали 09Г2С", "сталь", "09Г2С"),
        ("щебень фракции 20-40 мм", "щебень", "фракции 20-40 мм"),
        ("steel S355", "steel", "S355"),
        ("S355JR steel", "steel", "S355JR"),
        ("C30/37 concrete", "concrete", "C30/37"),
        ("Grade 60 rebar", "rebar", "Grade 60"),
        ("песок", "песок", None),
    ],
)
def test_a_material_is_read_with_its_grade(text: str, name: str, grade: str | None) -> None:
    """The grade as it stands, in Cyrillic or Latin letters."""
    (found,) = materials(text, fold(text))
    assert (found.text, found.name, found.grade) == (text, name, grade)


def test_later_mentions_without_a_grade_are_left_out() -> None:
    """They would fill the list and say nothing."""
    text = "Песок, песок, бетон В15, бетон и бетонирование"
    assert [found.text for found in materials(text, fold(text))] == ["Песок", "бетон В15"]
