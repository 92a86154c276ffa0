"""What may be kept of a call: JSON, bounded, without secrets.

A value that can't be kept is replaced by a marker that says so. Nobody can tell from two markers whether the values
were the same; a call that has one never matches exactly (`has_marker`).
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import math
import re
from collections.abc import Mapping, Set
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

SECRET: Final = "[secret]"  # noqa: S105 - what stands in its place
OPAQUE: Final = "[opaque]"
DEEPER: Final = "[deeper]"
_MARKERS: Final = (SECRET, OPAQUE, DEEPER)

MOST_FIELDS: Final = 100
"""Entries of a mapping or list that are kept; a marker stands for the others."""
LONGEST: Final = 2_000
"""Characters of a text that are kept; a hash stands for the whole, so that two long texts never look the same."""
DEEPEST: Final = 6
"""Levels of nesting that are kept."""

_SECRET_NAME: Final = re.compile(
    r"passw(?:or)?d|passphrase|secret|token|authori[sz]ation|api[_-]?key|access[_-]?key|private[_-]?key|credential"
    r"|cookie|bearer|signature|(?:^|[_-])(?:pwd|pin|otp|auth|key|dsn|jwt|sid)(?:$|[_-])",
    re.IGNORECASE,
)
_SECRET_TEXT: Final = re.compile(
    r"-----BEGIN[ A-Z]*PRIVATE KEY-----[\s\S]*?(?:-----END[ A-Z]*PRIVATE KEY-----|\Z)"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.?[\w-]*"  # JSON Web Tokens
    r"|\b(?:sk|pk|rk|ghp|gho|ghs|ghu|glpat|github_pat|xox[abpors])[-_][\w-]{16,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}"
    r"|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"  # user and password in an address
    r"|(?i:\b(?:bearer|basic)\s+)(?!\[secret\])[\w.~+/=-]{8,}"
    r"|(?i:(?:passw(?:or)?d|secret|token|api[_-]?key|access[_-]?key|authorization)[\"']?\s*[=:]\s*)(?!\[secret\])(?i:(?:bearer|basic)\s+)?"
    r"(?:\"[^\"]*\"|'[^']*'|[^\s,;&\"']+)"
)


_SHORTEST: Final = 14
"""Characters of the shortest thing that `_SECRET_TEXT` finds without a colon or an equals sign in it."""


def without_secrets(text: str) -> str:
    """Replace what looks like a key, a token or a password inside a text."""
    if len(text) < _SHORTEST and ":" not in text and "=" not in text:
        return text  # most parameters are such, and a search in each is what a check would cost most
    return _SECRET_TEXT.sub(SECRET, text)


def cut(text: str, longest: int = LONGEST) -> str:
    """Shorten a text to `longest` (over 20) characters so that two that differ still do; encodable as UTF-8."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()
    if len(text) <= longest:
        return text
    return f"{text[: longest - 20]}...#{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"


def keep(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return `params` as JSON that may be stored and shown. Order of keys doesn't matter to the result."""
    return _mapping(params, 0)


def has_marker(value: Any) -> bool:
    """Tell whether something in a kept value was replaced, so that equality means nothing."""
    if isinstance(value, str):
        return value.find("[") >= 0 and any(marker in value for marker in _MARKERS)
    if isinstance(value, dict):
        return any(has_marker(part) for part in value.values())
    return isinstance(value, list) and any(has_marker(part) for part in value)


@lru_cache(maxsize=4_096)
def _names_a_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def _is_secret(name: str, value: Any) -> bool:
    if value is None or isinstance(value, bool) or not _names_a_secret(name):
        return False
    return not (isinstance(value, int) and name.casefold().endswith("tokens"))  # `max_tokens` is a number of words


def _mapping(values: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    pairs = sorted(((cut(str(key), 200), value) for key, value in values.items()), key=lambda pair: pair[0])
    for key, value in pairs[:MOST_FIELDS]:
        kept[key] = SECRET if _is_secret(key, value) else _value(value, depth + 1)
    if len(pairs) > MOST_FIELDS:
        kept["..."] = DEEPER
    return kept


def _sequence(values: list[Any] | tuple[Any, ...], depth: int) -> list[Any]:
    kept = [_value(value, depth + 1) for value in values[:MOST_FIELDS]]
    return [*kept, DEEPER] if len(values) > MOST_FIELDS else kept


def _value(value: Any, depth: int) -> Any:
    if type(value) is str:
        return cut(without_secrets(value))
    if isinstance(value, str):  # an enumeration's member may be one, too
        return cut(without_secrets(str(value.value) if isinstance(value, enum.Enum) else value))
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return _number(value)
    return _other(value, depth)


def _number(value: float | Decimal) -> Any:
    if isinstance(value, int):
        return int(value) if abs(value) < 2**63 else cut(hex(value))
    if isinstance(value, Decimal):
        return str(value)
    if not math.isfinite(value):
        return repr(value)
    return int(value) if value.is_integer() and abs(value) < 2**53 else float(value)


def _other(value: Any, depth: int) -> Any:
    if isinstance(value, enum.Enum):
        return _value(value.value, depth)
    if isinstance(value, PurePath | UUID | datetime | date | time):
        return cut(without_secrets(str(value)))
    if depth >= DEEPEST:
        return DEEPER
    if isinstance(value, Mapping):
        return _mapping(value, depth)
    if isinstance(value, list | tuple):
        return _sequence(value, depth)
    if isinstance(value, Set):
        return _sequence(sorted((_value(part, depth) for part in value), key=repr), depth)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"bytes#{hashlib.blake2b(bytes(value), digest_size=8).hexdigest()}"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return _mapping({name: getattr(value, name, None) for name in names}, depth)
    return f"{OPAQUE} {type(value).__module__}.{type(value).__qualname__}"[:200]
