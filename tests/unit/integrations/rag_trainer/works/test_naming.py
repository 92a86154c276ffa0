"""Names of works."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.works.naming import LONGEST, key_of, name_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("бетонирования фундаментов", "Бетонирование фундаментов"),
        ("Concrete pouring", "pouring of the concrete"),
        ("Приёмка  скрытых\nработ", "приемки скрытых работ"),
    ],
)
def test_other_forms_of_the_same_work(one: str, other: str) -> None:
    """Case, order, small words and letters don't make another work."""
    assert key_of(one) == key_of(other)


def test_other_objects_are_other_works() -> None:
    """What it is done to is part of it."""
    assert key_of("Монтаж колонн") != key_of("Монтаж балок")


def test_a_name_has_its_first_form_and_one_line() -> None:
    """The rest stays as it stands; what is long is cut at a word."""
    assert name_of("устройства\n кровли") == "Устройство кровли"
    assert name_of("formwork installation") == "Formwork installation"
    assert len(name_of("слово " * 100)) <= LONGEST + 1
