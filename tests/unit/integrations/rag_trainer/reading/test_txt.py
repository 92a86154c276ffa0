"""Plain text."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.txt import read_txt
from tests.rag_documents import DOCUMENT_EN, DOCUMENT_RU, as_text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251", "koi8-r", "cp866"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_the_text_is_the_same_in_any_encoding(encoding: str, newline: str) -> None:
    """And with any line end."""
    content = read_txt(as_text(DOCUMENT_RU, newline).encode(encoding), Limits())
    assert content.text == as_text(DOCUMENT_RU).strip()
    assert content.pages == ()


def test_form_feeds_part_pages() -> None:
    """As old programs print; one at the end parts nothing."""
    content = read_txt(b"one\ntwo\n\f\nthree\n\f", Limits())
    assert content.text == "one\ntwo\nthree"
    assert [(page.number, content.text[page.start : page.end]) for page in content.pages] == [
        (1, "one\ntwo"),
        (2, "three"),
    ]
    assert read_txt(as_text(DOCUMENT_EN).encode(), Limits()).encoding == "utf-8"
