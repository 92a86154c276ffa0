"""Dates."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.recognition.dates import dates
from integrations.rag_trainer.recognition.folding import fold


def _values(text: str) -> list[str]:
    return [found.value for found in dates(text, fold(text))]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("24.06.2019", "2019-06-24"),
        ("24 июня\u00a02019 г.", "2019-06-24"),
        ("«12» марта 2021 года", "2021-03-12"),
        ("в мае 2021 г.", "2021-05"),
        ("June 24, 2019", "2019-06-24"),
        ("24th of June 2019", "2019-06-24"),
        ("Sept. 2019", "2019-09"),
        ("2019-06-24", "2019-06-24"),
        ("29.02.2020", "2020-02-29"),
        ("06/24/2019", "2019-06-24"),
        ("в 2019 году", "2019"),
        ("in 2019", "2019"),
        ("Москва 2019", "2019"),
    ],
)
def test_a_date_is_read(text: str, value: str) -> None:
    """With as much as is told."""
    assert _values(f"Текст\n{text}") == [value]


@pytest.mark.parametrize(
    "text",
    ["31.02.2019", "29 февраля 2019 г.", "2019 мм", "room 2019", "06/07/2019", "п. 5.2.2019", "1.2.2019.5", "24.06.19"],
)
def test_what_is_not_in_the_calendar_or_a_guess_is_none(text: str) -> None:
    """Neither the whole nor a part of it."""
    assert _values(text) == []


def test_years_of_a_span_are_two_dates() -> None:
    """2019-2021 гг."""
    assert _values("2019-2021 гг.") == ["2019", "2021"]
