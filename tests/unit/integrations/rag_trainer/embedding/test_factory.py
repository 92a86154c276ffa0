from __future__ import annotations

import pytest

from integrations.rag_trainer.embedding.factory import make_embedder
from integrations.rag_trainer.options import EmbeddingOptions


def test_the_options_name_the_model() -> None:
    """Vectors of the two local ones are never taken for each other's; an unknown name says which there are."""
    small = make_embedder(EmbeddingOptions(model="use-multilingual-3"))
    assert (small.model, small.dimensions) == ("use-multilingual-3/1", 512)
    other = make_embedder(EmbeddingOptions())
    assert (other.model, other.dimensions) == ("use-multilingual-3+minilm-l6/1", 896)
    with pytest.raises(ValueError, match=r"expected embedding.model to be one of use-.*, got 'nope'"):
        make_embedder(EmbeddingOptions(model="nope"))


@pytest.mark.parametrize(("given", "word"), [({}, "embedding.model"), ({"model": "m"}, "embedding.base_url")])
def test_an_endpoint_needs_its_options(given: dict[str, str], word: str) -> None:
    """Says which is missing."""
    with pytest.raises(ValueError, match=f"expected {word}"):
        make_embedder(EmbeddingOptions.model_validate({"provider": "openai", **given}))
