from __future__ import annotations

import pytest

from integrations.rag_trainer.chunking.titles import title_of
from integrations.rag_trainer.results import Metadata, Text


@pytest.mark.parametrize(
    ("said", "property_", "title"),
    [(" Кровли ", "x", "Кровли"), (None, " x ", "x"), (" ", "x", "x"), (None, None, ""), ("", " ", "")],
)
def test_the_text_goes_before_the_properties(said: str | None, property_: str | None, title: str) -> None:
    """Properties often name the program, or the document that this one was made from."""
    assert title_of(Metadata(log="", title=said), Text(log="", text="", language="ru", title=property_)) == title
