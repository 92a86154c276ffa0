"""What an endpoint's refusals and failures mean, in words."""

from __future__ import annotations

from typing import Final

from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError

from integrations.rag_trainer.options import EmbeddingOptions

_SHOWN: Final = 200
_TELLING: Final = 6
"""Characters at the begin of a key that some endpoints repeat."""


def told(error: OpenAIError, options: EmbeddingOptions, retries: int, *, quoting: bool = True) -> str:
    """Say what was expected, what came, and what to do. Neither the key nor the address is part of it.

    Args:
        retries: how often a request was made again.
        quoting: repeat the endpoint's own words, which may have a part of the text in them.
    """
    if isinstance(error, APITimeoutError):
        return (
            f"expected an answer of the endpoint within {options.timeout:g} s, none came in {retries + 1} attempts; "
            "look whether it works, or raise embedding.timeout"
        )
    if isinstance(error, APIStatusError):
        return _status(error, options, retries, _words(error, options) if quoting else "")
    if isinstance(error, APIConnectionError):
        cause = type(error.__cause__ or error).__name__
        return f"expected to reach the endpoint, got {cause}; look whether it runs, and check embedding.base_url"
    return f"expected vectors from the endpoint, its client failed ({type(error).__name__}); check embedding.base_url"


def _status(error: APIStatusError, options: EmbeddingOptions, retries: int, words: str) -> str:
    status = error.status_code
    came = f"the endpoint answered {status}"
    if status in (401, 403):
        key = "this key" if options.api_key.get_secret_value() else "a request without a key"
        # Not what it says: some repeat a part of the key.
        return f"expected to be let in with {key}, {came}; set embedding.api_key to one that it takes"
    came += words
    if status == 404:
        return (
            f"expected the model {options.model!r} at the endpoint, {came}; check embedding.model, and "
            "embedding.base_url, which goes up to and with /v1"
        )
    if status == 429:
        return f"expected vectors, {came}, also when asked again {retries} times; wait, or look at the account's limits"
    if status >= 500:
        return f"expected vectors, {came}, also when asked again {retries} times; look at the endpoint's log"
    return (
        f"expected vectors, {came}; if texts are too long for its model, lower limits.chunk_tokens; if it can't make "
        "vectors of another length, leave embedding.dimensions out"
    )


def _words(error: APIStatusError, options: EmbeddingOptions) -> str:
    """Return the endpoint's own reason, if it gives one as OpenAI does, and has nothing of the key in it."""
    body = error.body if isinstance(error.body, dict) else {}
    text = " ".join(str(body.get("message") or "").split())
    begin = options.api_key.get_secret_value()[:_TELLING]
    return f" ({text[:_SHOWN]})" if text and not (begin and begin in text) else ""
