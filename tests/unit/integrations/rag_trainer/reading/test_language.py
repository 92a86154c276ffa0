"""Russian, English, or neither."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.reading.language import language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Бетонная смесь класса B25 по ГОСТ 7473-2010", "ru"),
        ("Concrete of grade C25/30 is placed in layers", "en"),
        ("Марка XC4 XF1 W8 F200, Portland cement CEM I, бетон монолитный тяжёлый", "ru"),
        ("12.5 | 18 | 20", "und"),
        ("", "und"),
        ("Бетонна суміш укладається шарами заввишки", "und"),
        ("Die Mörtelfestigkeit wird über Würfel geprüft", "und"),
        ("Κονίαμα και σκυρόδεμα", "und"),
    ],
    ids=["russian", "english", "marks", "numbers", "empty", "ukrainian", "german", "greek"],
)
def test_letters_tell_the_language(text: str, expected: str) -> None:
    """Marks and designations in Latin letters don't make a Russian text English."""
    assert language(text) == expected
