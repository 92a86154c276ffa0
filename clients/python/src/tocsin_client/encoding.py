"""Data to JSON, as bytes. The standard library's encoder: a payload is taken in every process or in none."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import uuid
from typing import Any, Final


def _default(value: Any) -> Any:
    """Turn what JSON lacks into what it has."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, uuid.UUID | decimal.Decimal):
        return str(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, set | frozenset):
        return list(value)
    for name, arguments in (("model_dump", {"mode": "json"}), ("tolist", {})):  # pydantic; NumPy
        method = getattr(value, name, None)
        if callable(method):
            return method(**arguments)
    raise TypeError(f"{type(value).__name__} is not JSON")


_encode: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_default, check_circular=True
).encode


def encode(data: Any) -> bytes:
    """Encode what JSON can hold, and dataclasses, dates, UUIDs, decimals, enumerations, sets, pydantic models and NumPy
    values.

    Raises:
        TypeError, ValueError, RecursionError: it is something else, NaN, or a lone surrogate.
    """
    return _encode(data).encode()
