"""What is wrong with an option, in words: what was expected, what came, what may have been meant. Never a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import ErrorDetails

from hub.configuration.catalog import OptionPath, suggestion, variable

_SHOWN = 60
"""Characters of a wrong value that are repeated."""

_SECRET = ("secret", "password")
"""What is in the names of options whose values are never repeated."""

_WORDS = {
    "dict_type": "expected a mapping",
    "missing": "required",
    "model_type": "expected a mapping of options",
    "string_type": "expected a text",
    "tuple_type": "expected a list",
}
"""In place of those of pydantic's messages that speak of Python."""


def place(error: ErrorDetails) -> OptionPath:
    """Return the path that an error of pydantic's is about."""
    return tuple(str(part) for part in error["loc"] if part != "[key]")


def in_words(error: ErrorDetails, variables: Mapping[OptionPath, str]) -> str:
    """Turn an error of pydantic's into one line.

    Args:
        variables: paths that were set by an environment variable, and its name.
    """
    path = place(error)
    kind, message = error["type"], error["msg"]
    message = _WORDS.get(kind, message.removeprefix("Value error, ").replace("Input should be", "expected", 1))
    name = next((variables[path[:end]] for end in range(len(path), 0, -1) if path[:end] in variables), None)
    given = f" ({name})" if name else ""
    if kind == "extra_forbidden":
        where, colon, rest = no_such_option(path).partition(":")
        return f"{where}{given}{colon}{rest}"
    return f"{'.'.join(path)}{given}: {message}{'' if kind == 'missing' else _got(path, error['input'])}"


def no_such_option(path: OptionPath, name: str | None = None) -> str:
    """Say that a path leads to no option, and which one may have been meant.

    Args:
        name: the environment variable that was to set it.
    """
    meant = suggestion(path)
    hint = f"; did you mean {variable(meant) if name else '.'.join(meant)}?" if meant else ""
    return f"{name or '.'.join(path)}: no such option{hint}"


def _got(path: OptionPath, value: Any) -> str:
    # Under auth.keys and of notifiers anything may be a secret in the wrong place, a URL may have a password, and a
    # whole section may have one inside.
    places = (("auth", "keys"), ("redis", "url"), ("database", "url"), ("analysis", "llm"))
    secret = path[0] in ("notifiers", "webhooks") or any(word in part for part in path for word in _SECRET)
    if secret or path[:2] in places:
        return ""
    if isinstance(value, dict | list):
        return f", got a {'mapping' if isinstance(value, dict) else 'list'}"
    text = "nothing" if value is None else repr(value)
    return f", got {text if len(text) <= _SHOWN else f'{text[:_SHOWN]}...'}"
