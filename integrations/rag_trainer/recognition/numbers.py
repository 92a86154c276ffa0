"""Numbers as people write them: `1 234 567,89`, `1,234.56`, `0,5`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

NUMBER: Final = (
    r"(?:\d{1,3}(?: \d{3}){1,5}(?:[.,]\d{1,6})?|\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,6})?"
    r"|\d{1,3}(?:\.\d{3}){2,5}(?:,\d{1,6})?"
    r"|\d{1,3}(?:\.\d{3}){1,5},\d{1,6}|\d{1,15}(?:[.,]\d{1,6})?)"
)
"""A number in a folded text, without its sign: up to 18 digits before the decimal mark and six after it."""
NOT_WITHIN: Final = r"(?<![\w.,])"
"""Stands before a number: it isn't the tail of another one, of a clause number or of a word."""

_GROUPED_BY_COMMAS: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def decimal(text: str, *, comma_groups: bool) -> Decimal:
    """Return the value of what `NUMBER` has matched, exactly.

    Args:
        comma_groups: what a single comma before three digits is in this place: a mark of thousands (`1,234 USD`), or a
            decimal comma (`1,234 руб.`).
    """
    digits = text.replace(" ", "")
    if "," in digits and "." in digits:
        mark = max(digits.rindex(","), digits.rindex("."))
        return Decimal(re.sub("[.,]", "", digits[:mark]) + "." + digits[mark + 1 :])
    if digits.count(",") > 1 or (comma_groups and _GROUPED_BY_COMMAS.fullmatch(digits)):
        return Decimal(digits.replace(",", ""))
    if digits.count(".") > 1:
        return Decimal(digits.replace(".", ""))
    return Decimal(digits.replace(",", "."))


def plain(value: Decimal) -> str:
    """Return a decimal number without an exponent: `1500000`, `100.00`."""
    return format(value, "f")
