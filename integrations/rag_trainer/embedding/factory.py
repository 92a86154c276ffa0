"""The embedding model that the options name."""

from __future__ import annotations

from importlib import import_module
from typing import get_args

from integrations.rag_trainer.embedding.local import LocalEmbedder, LocalModel
from integrations.rag_trainer.options import EmbeddingOptions
from integrations.rag_trainer.ports import Embedder


def make_embedder(options: EmbeddingOptions) -> Embedder:
    """Make the model that turns text into vectors. The local one is read from disk here, which takes about a second.

    Raises:
        ValueError: an option is missing or unknown; says which, and what to set.
    """
    if options.provider == "openai":
        # Only what is configured is loaded: the client takes half a second.
        made: Embedder = import_module("integrations.rag_trainer.embedding.openai").OpenAIEmbedder(options)
        return made
    for model in get_args(LocalModel):
        if options.model in ("", model):
            return LocalEmbedder(model, options.threads)
    raise ValueError(f"expected embedding.model to be one of {', '.join(get_args(LocalModel))}, got {options.model!r}")
