"""Requirements of norms."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.handlers.norms import NormRequirements
from tests.rag_works import marked


@pytest.mark.parametrize(
    ("sentence", "modality"),
    [
        ("Бетон следует хранить в тени", "obligation"),
        ("Стены должны быть сухими", "obligation"),
        ("Не допускается стоять под грузом", "prohibition"),
        ("Допускается сушить стены", "permission"),
        ("Рекомендуется мыть стены", "recommendation"),
        ("The wall shall be dry", "obligation"),
        ("The wall shall not be wet", "prohibition"),
        ("The wall should be clean", "recommendation"),
        ("The wall may be painted", "permission"),
    ],
)
def test_modality(sentence: str, modality: str) -> None:
    """With the number of the clause, and the exact place."""
    text = f"5.2.1 {sentence}. Это так.\n"
    (item,) = NormRequirements().items(marked(text, type="norms"))
    assert (item.text, item.data["modality"], item.data["clause"]) == (sentence, modality, "5.2.1")
    assert text[item.start : item.end] == sentence
