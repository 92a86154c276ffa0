"""Guessing the old Cyrillic encodings."""

from __future__ import annotations

import random

import pytest

from integrations.rag_trainer.reading.cyrillic import ENCODINGS, differs, guess
from tests.rag_documents import DOCUMENT_RU, as_text

_WORDS = as_text(DOCUMENT_RU).replace("|", "").split()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_four_words_are_enough_to_tell(encoding: str) -> None:
    """In small letters, and in capitals, where koi8-r and cp1251 differ in hardly more than the order of letters."""
    chance = random.Random(7)
    wrong = []
    for number in range(200):
        text = " ".join(chance.sample([word for word in _WORDS if word.isalpha()], 4))
        text = text.upper() if number % 3 == 0 else text
        if guess(text.encode(encoding)).encoding != encoding:
            wrong.append(text)
    assert len(wrong) <= 2


def test_a_piece_in_another_encoding_is_told_from_the_rest() -> None:
    """The same encoding, or too few letters, is no difference."""
    piece = as_text(DOCUMENT_RU).encode("koi8-r")
    found = differs(piece, "cp1251", 40, 0.7)
    assert found is not None
    assert found.encoding == "koi8-r"
    assert differs(piece, "koi8-r", 40, 0.7) is None
    assert differs(piece, "cp1251", 100_000, 0.7) is None


def test_ascii_says_nothing() -> None:
    """No letter speaks."""
    assert guess(b"plain").letters == 0
