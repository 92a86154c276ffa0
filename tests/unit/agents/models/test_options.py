"""What is no provider is refused, without telling its secrets."""

from __future__ import annotations

import traceback
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from agents.models.options import ProviderOptions

GOOD = ProviderOptions("local-1", "http://127.0.0.1:8080/v1", ("org/small", "large"), SecretStr("sk-secret"))


def test_the_key_is_in_no_representation() -> None:
    """Options are logged and compared; equal ones are equal with their keys."""
    assert "sk-secret" not in repr(GOOD) + str(GOOD)
    assert replace(GOOD) == GOOD != replace(GOOD, api_key=SecretStr("sk-other"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "offline"}, "that one is built in"),
        ({"name": "a/b"}, "expected a provider's name of 1 to 40"),
        ({"name": ""}, "expected a provider's name of 1 to 40"),
        ({"base_url": "models.example/v1"}, "expected base_url of provider 'local-1' such as"),
        ({"base_url": "file:///v1"}, "expected base_url"),
        ({"base_url": "http://[::1/v1"}, "expected base_url"),
        ({"base_url": "https://user:sk-secret@models.example/v1"}, "a key goes into api_key"),
        ({"base_url": "https://models.example/v1?key=sk-secret"}, "a key goes into api_key"),
        ({"models": ()}, "expected the models of provider 'local-1', each once"),
        ({"models": ("a", "a")}, "each once"),
        ({"models": ("a ",)}, "as the endpoint names it"),
        ({"api_key": SecretStr("sk-secret\n")}, "expected the key of provider 'local-1' in printable ASCII"),
        ({"first_token_timeout": 0}, "expected first_token_timeout of provider 'local-1' to be more than 0, got 0"),
        ({"concurrency": 0}, "more than 0"),
        ({"retries": -1}, "expected retries of provider 'local-1' to be 0 or more, got -1"),
    ],
)
def test_what_cannot_be_used_is_refused(change: dict[str, Any], words: str) -> None:
    """The error says what was expected and which option to change; a key in the wrong place isn't repeated."""
    with pytest.raises(ValueError, match=words) as caught:
        replace(GOOD, **change)
    assert "sk-secret" not in "".join(traceback.format_exception(caught.value))
