"""What an endpoint's failures are told as; those that a server can make are in test_openai.py."""

from __future__ import annotations

from openai import OpenAIError

from integrations.rag_trainer.embedding.refusals import told
from integrations.rag_trainer.options import EmbeddingOptions


def test_what_the_client_says_of_itself_is_not_repeated() -> None:
    """Nobody knows what is in it."""
    text = told(OpenAIError("http://user:swordfish@host"), EmbeddingOptions(), 4)
    assert text == "expected vectors from the endpoint, its client failed (OpenAIError); check embedding.base_url"
