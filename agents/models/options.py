"""How a provider of language models is reached, and the bounds that hold for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

OFFLINE_PROVIDER: Final = "offline"
"""The name of the provider that is built in; no other may have it."""

_NO_KEY: Final = SecretStr("")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_KEY: Final = re.compile(r"[!-~]*")
_POSITIVE: Final = ("connect_timeout", "first_token_timeout", "next_token_timeout", "concurrency", "max_answer_chars")
_NOT_NEGATIVE: Final = ("retries", "backoff", "backoff_max", "retry_after_max", "waiting")


@dataclass(frozen=True, slots=True)
class ProviderOptions:
    """One endpoint that speaks OpenAI's API (chat completions), and its models.

    Attributes:
        name: 1 to 40 of `a-z`, `0-9`, `-` and `_`. A model is asked for as `NAME/MODEL`.
        base_url: up to and with `/v1`; without user and password.
        models: as the endpoint names them; they may have slashes.
        api_key: sent as `Authorization: Bearer`; empty: no such header is sent.
        connect_timeout: seconds for a connection, TLS included.
        first_token_timeout: seconds from the request to the first piece of the answer. A model that reasons before it
            answers is silent for that long, and a local one while it reads the prompt.
        next_token_timeout: seconds between two pieces.
        retries: how often a model is asked again when it fails in a way that may pass.
        backoff: seconds before the first retry; each further one waits twice as long. A random part of up to a half is
            taken off, so that those who failed together don't come back together.
        backoff_max: seconds that a pause grows to.
        retry_after_max: seconds of a `Retry-After` that are waited; where more is asked for, the model has failed.
        concurrency: answers of this provider at the same time.
        waiting: answers that may wait for that, first in, first out; one more fails.
        max_answer_chars: characters of one answer; what comes after them isn't read, and the answer ends as `length`.

    Raises:
        ValueError: an option can't be used; says which and why, without the key.
    """

    name: str
    base_url: str
    models: tuple[str, ...]
    api_key: SecretStr = _NO_KEY
    connect_timeout: float = 10.0
    first_token_timeout: float = 60.0
    next_token_timeout: float = 30.0
    retries: int = 2
    backoff: float = 0.5
    backoff_max: float = 8.0
    retry_after_max: float = 30.0
    concurrency: int = 8
    waiting: int = 1000
    max_answer_chars: int = 400_000

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name == OFFLINE_PROVIDER:
            raise ValueError(
                f"expected a provider's name of 1 to 40 of a-z, 0-9, - and _, other than {OFFLINE_PROVIDER!r} "
                f"(that one is built in), got {self.name!r}"
            )
        self._check_address()
        if not self.models or len(set(self.models)) < len(self.models) or not all(map(_is_model, self.models)):
            raise ValueError(
                f"expected the models of provider {self.name!r}, each once and as the endpoint names it, "
                f"got {list(self.models)}; set models"
            )
        if not _KEY.fullmatch(self.api_key.get_secret_value()):
            raise ValueError(
                f"expected the key of provider {self.name!r} in printable ASCII without spaces; set api_key again"
            )
        self._check_numbers()

    def _check_address(self) -> None:
        try:
            parts = urlsplit(self.base_url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname)
            usable = usable and "@" not in parts.netloc and not parts.query and not parts.fragment
        except ValueError:
            usable = False
        if not usable:
            # Not what came: it may have a password in it.
            raise ValueError(
                f"expected base_url of provider {self.name!r} such as https://models.example/v1, without user, "
                "password, query and fragment; a key goes into api_key"
            )

    def _check_numbers(self) -> None:
        for field in fields(self):
            if field.name in _POSITIVE + _NOT_NEGATIVE:
                value = getattr(self, field.name)
                if value < 0 or (field.name in _POSITIVE and not value):
                    least = "more than 0" if field.name in _POSITIVE else "0 or more"
                    raise ValueError(f"expected {field.name} of provider {self.name!r} to be {least}, got {value!r}")


def _is_model(name: str) -> bool:
    return bool(name) and name.isprintable() and name == name.strip()
