"""What subscribers of a shared channel get to see of a query: people write personal things into search fields."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final, Literal

Mode = Literal["truncate", "hash", "omit"]

_HIDDEN: Final = re.compile("[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What may not stand in a line of a message, and lone surrogates, which can't go out at all."""

_DIGEST: Final = 16
_KEY_MAX: Final = 64
"""Longest key that BLAKE2b takes, in bytes."""


def one_line(text: str, length: int) -> str:
    """Cut a text, and put spaces in the place of characters that no line may have."""
    cut = text if len(text) <= length else text[: length - 1] + "…"
    return cut if cut.isascii() and cut.isprintable() else _HIDDEN.sub(" ", cut)


class QueryText:
    """Turns a query's text into what goes out.

    Args:
        mode: `truncate` gives its beginning, `hash` a keyed BLAKE2b digest by which equal queries are recognised and
            nothing else, `omit` nothing. Only the last two hide short queries.
        length: characters that are left of it (1 to 1,000).
        key: of the hash; by default a random one, so that hashes of two processes don't compare.
    """

    def __init__(self, mode: Mode = "truncate", length: int = 50, key: bytes = b"") -> None:
        if mode not in ("truncate", "hash", "omit"):
            raise ValueError(f"expected truncate, hash or omit; got {mode!r}")
        if not 1 <= length <= 1_000:
            raise ValueError(f"expected a length from 1 to 1000 characters, got {length}")
        self._mode = mode
        self._length = length
        own = key if len(key) <= _KEY_MAX else hashlib.blake2b(key).digest()
        self._key = own or secrets.token_bytes(32)

    def shown(self, text: str | None) -> str | None:
        """Return what goes out of a text; `None` when nothing does."""
        if not text or self._mode == "omit":
            return None
        if self._mode == "hash":
            return hashlib.blake2b(
                text.encode("utf-8", "surrogatepass"), key=self._key, digest_size=_DIGEST
            ).hexdigest()
        return one_line(text, self._length)

    def __repr__(self) -> str:
        return f"QueryText(mode={self._mode!r}, length={self._length})"
