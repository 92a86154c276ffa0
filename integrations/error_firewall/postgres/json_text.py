"""Values as JSON text, as the store keeps them, and text that PostgreSQL takes."""

from __future__ import annotations

import json
from typing import Any


def dumps(value: Any) -> str:
    """Write JSON in ASCII: whatever is in a string, PostgreSQL takes it.

    Raises:
        ValueError, TypeError: the value is not JSON, such as NaN.
    """
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def loads(text: str) -> Any:
    """Read it. (Not by orjson, for which an integer over 64 bits is a float.)"""
    return json.loads(text)


def plain(text: str) -> str:
    """Replace what a `text` column can't hold: U+0000, and halves of surrogate pairs."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
