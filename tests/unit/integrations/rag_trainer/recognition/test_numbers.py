"""Numbers as people write them."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from integrations.rag_trainer.recognition.numbers import NUMBER, decimal, plain


@pytest.mark.parametrize(
    ("text", "comma_groups", "value"),
    [
        ("1 234 567,89", False, "1234567.89"),
        ("1,234.56", True, "1234.56"),
        ("1.234,56", True, "1234.56"),
        ("1,234", True, "1234"),
        ("1,234", False, "1.234"),
        ("1,234,567", False, "1234567"),
        ("1.000.000", False, "1000000"),
        ("0,5", False, "0.5"),
        ("100.00", True, "100.00"),
    ],
)
def test_a_number_is_read_exactly(text: str, comma_groups: bool, value: str) -> None:
    """Marks of thousands and decimal marks are told apart by their places."""
    assert re.fullmatch(NUMBER, text)
    assert plain(decimal(text, comma_groups=comma_groups)) == value


def test_a_number_is_written_without_an_exponent() -> None:
    """1.5E+6 is 1500000."""
    assert plain(Decimal("1.5E+6")) == "1500000"
