"""What an endpoint's refusals and failures mean: for the program as a `ModelFailed`, for people in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError, OpenAIError

from agents.models.options import ProviderOptions
from agents.models.port import ModelFailed

_SHOWN: Final = 200
_TELLING: Final = 6
"""Characters at the beginning of a key that some endpoints repeat."""
_TEMPORARY: Final = frozenset({408, 409, 425, 429})
_SPENT: Final = "insufficient_quota"
"""With 429: not too fast, but out of money. Waiting doesn't help."""


def told(error: Exception, options: ProviderOptions, model: str) -> ModelFailed:
    """Make a failure out of the client's error. Neither the key nor the address is part of it.

    Args:
        model: as a `Prompt` names it.
    """
    if isinstance(error, APIStatusError):
        return _status(error, options, model)
    if isinstance(error, APITimeoutError):
        return ModelFailed(
            "timeout",
            f"expected a connection to the endpoint of {model} within {options.connect_timeout:g} s, none came about; "
            f"look whether it runs, and check base_url of provider {options.name!r}",
            temporary=True,
        )
    if isinstance(error, APIConnectionError):
        cause = type(error.__cause__ or error).__name__
        return ModelFailed(
            "unavailable",
            f"expected to reach the endpoint of {model}, got {cause}; look whether it runs, and check base_url of "
            f"provider {options.name!r}",
            temporary=True,
        )
    if isinstance(error, APIError):
        return _error_in_the_stream(error, options, model)
    if isinstance(error, OpenAIError):
        return ModelFailed(
            "unavailable", f"the client of {model} failed ({type(error).__name__}); {_check(options)}", temporary=False
        )
    return ModelFailed(
        "invalid_answer",
        f"expected chunks of JSON from {model} as OpenAI's API has them, got something else "
        f"({type(error).__name__}); {_check(options)}",
        temporary=False,
    )


def nothing_came(options: ProviderOptions, model: str, content_type: str) -> ModelFailed:
    """Make the failure of an answer that ended before it began."""
    if content_type.startswith("text/event-stream"):
        return ModelFailed(
            "unavailable",
            f"expected an answer of {model}, its stream ended before the first piece; look at the endpoint's log",
            temporary=True,
        )
    return ModelFailed(
        "invalid_answer",
        f"expected a stream of events (text/event-stream) from {model}, got {content_type[:60] or 'no content type'}; "
        + _check(options),
        temporary=False,
    )


def too_slow(options: ProviderOptions, model: str) -> ModelFailed:
    """Make the failure of an answer whose first piece took too long."""
    return ModelFailed(
        "timeout",
        f"expected the first piece of an answer of {model} within {options.first_token_timeout:g} s, none came; look "
        f"whether it works, or raise first_token_timeout of provider {options.name!r}",
        temporary=True,
    )


def cut(options: ProviderOptions, model: str, silent: bool) -> ModelFailed:
    """Make the failure of an answer that broke off.

    Args:
        silent: nothing came any more, rather than an error or an end.
    """
    came = f"it was silent for {options.next_token_timeout:g} s" if silent else "its stream broke"
    return ModelFailed("cut", f"expected the rest of an answer of {model}, but {came}; ask again", temporary=True)


def _status(error: APIStatusError, options: ProviderOptions, model: str) -> ModelFailed:
    status = error.status_code
    came = f"the endpoint answered {status}"
    if status in (401, 403):
        key = "its key" if options.api_key.get_secret_value() else "no key"
        # Not what it says: some repeat a part of the key.
        words = f"expected {model} to be let in with {key}, {came}; set api_key of provider {options.name!r}"
        return ModelFailed("refused", words, temporary=False)
    came += _own_words(error, options)
    if status == 429:
        spent = error.code == _SPENT
        do = "look at the account's quota" if spent else "wait, or look at the account's limits"
        return ModelFailed(
            "rate_limited",
            f"expected an answer of {model}, {came}; {do}",
            temporary=not spent,
            retry_after=retry_after(error.response.headers),
        )
    if status >= 500 or status in _TEMPORARY:
        return ModelFailed(
            "unavailable",
            f"expected an answer of {model}, {came}; look at the endpoint's log",
            temporary=True,
            retry_after=retry_after(error.response.headers),
        )
    if status == 404 or status < 400:
        return ModelFailed(
            "refused", f"expected the endpoint to have {model}, {came}; {_check(options)}", temporary=False
        )
    words = f"expected an answer of {model}, {came}; change what is asked of it, such as its settings or its length"
    return ModelFailed("refused", words, temporary=False)


def _error_in_the_stream(error: APIError, options: ProviderOptions, model: str) -> ModelFailed:
    """An `error` object instead of a chunk: its code is an HTTP status with some endpoints, a word with others."""
    words = f"expected an answer of {model}, the endpoint sent an error in its place{_own_words(error, options)}"
    if error.type == "invalid_request_error" or error.code in ("400", "401", "403", "404", "422", _SPENT):
        return ModelFailed(
            "refused", f"{words}; change what is asked of it, or the provider's options", temporary=False
        )
    limited = error.code in ("429", "rate_limit_exceeded")
    return ModelFailed("rate_limited" if limited else "unavailable", f"{words}; try again later", temporary=True)


def _check(options: ProviderOptions) -> str:
    return f"check models and base_url of provider {options.name!r}, which goes up to and with /v1"


def _own_words(error: APIError, options: ProviderOptions) -> str:
    """Return the endpoint's own reason, if it gives one as OpenAI does, and has nothing of the key in it."""
    body = error.body if isinstance(error.body, dict) else {}
    text = " ".join(str(body.get("message") or "").split())
    begin = options.api_key.get_secret_value()[:_TELLING]
    return f" ({text[:_SHOWN]})" if text and not (begin and begin in text) else ""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds after which an answer's headers ask to come back; `None` when they don't, or can't be read.

    `retry-after-ms` is OpenAI's own. A date counts from the answer's own `Date`, so that no clock of ours takes part.
    """
    if (milliseconds := _seconds(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    if (seconds := _seconds(value)) is not None:
        return seconds
    then, now = _date(value), _date(headers.get("date"))
    return max(0.0, (then - now).total_seconds()) if then and now else None


def _seconds(text: str | None) -> float | None:
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _date(text: Any) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return date if date.tzinfo else None
