"""JSON as text, and text that PostgreSQL takes."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.error_firewall.postgres.json_text import dumps, loads, plain


@pytest.mark.parametrize(
    "value", [2**80, -(2**70), 1e300, 5e-324, 1.0, "a\0b", "\ud800", "漢字 🚀", {"b": 1, "a": [None]}]
)
def test_values_come_back_as_they_were(value: Any) -> None:
    """Of the same type, too; and the text is ASCII."""
    text = dumps(value)
    assert text.isascii()
    assert loads(text) == value
    assert type(loads(text)) is type(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_what_is_no_json_is_refused(value: Any) -> None:
    """It would be refused later, by the database."""
    with pytest.raises((ValueError, TypeError)):
        dumps(value)


def test_text_keeps_what_a_column_can_hold() -> None:
    """Only U+0000 and lone surrogates are replaced."""
    assert plain("plain 漢字 🚀\n\t") == "plain 漢字 🚀\n\t"
    assert plain("a\0b") == "a\ufffdb"
    assert plain("a\ud800b") == "a?b"
