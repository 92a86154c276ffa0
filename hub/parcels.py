"""What is too big for one message between processes: sent in pieces, and put together again.

A message may have 64 KiB (`channels.redis.nodes`). Most have a hundred bytes; a list of connections or a process's
metrics may have more than one takes. Text like that shrinks to a tenth, so it mostly fits into one piece after all.
"""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any, Final

import orjson

PIECE: Final = 48_000
"""Bytes of content in one message; its head has its place beside it."""

WHOLE_MAX: Final = 16 << 20
"""Bytes of content in all. What claims to be more is not taken."""

OPEN_MAX: Final = 100
"""Contents that may be incomplete at once. The oldest is dropped for a further one: a piece of it was lost."""


def wrap(head: Mapping[str, Any], content: Any) -> list[dict[str, Any]]:
    """Return the messages that carry `content` (JSON), each with `head`."""
    text = orjson.dumps(content)
    if len(text) <= PIECE:
        return [{**head, "content": content}]
    packed = b64encode(zlib.compress(text, 1)).decode()
    pieces = [packed[begin : begin + PIECE] for begin in range(0, len(packed), PIECE)]
    return [{**head, "piece": number, "pieces": len(pieces), "data": piece} for number, piece in enumerate(pieces)]


class Parcels:
    """Puts together what comes."""

    def __init__(self) -> None:
        self._open: OrderedDict[Hashable, dict[int, str]] = OrderedDict()

    def __len__(self) -> int:
        """How many are incomplete."""
        return len(self._open)

    def take(self, key: Hashable, message: Mapping[str, Any]) -> tuple[Any] | None:
        """Take one message of what `key` names. Returns the content, in a tuple, when that was its last piece.

        Raises:
            ValueError: this can't be a piece of anything.
        """
        if "content" in message:
            return (message["content"],)
        pieces = self._open.setdefault(key, {})
        pieces[message["piece"]] = message["data"]
        if len(pieces) < message["pieces"]:
            if len(self._open) > OPEN_MAX:
                self._open.popitem(last=False)
            return None
        del self._open[key]
        return (_unpack("".join(pieces[number] for number in sorted(pieces))),)


def _unpack(packed: str) -> Any:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(b64decode(packed), WHOLE_MAX)
    except zlib.error as error:
        raise ValueError(f"a piece is broken: {error}") from None
    if not unpacker.eof:
        raise ValueError(f"expected at most {WHOLE_MAX} bytes, got more, or not all of them")
    return orjson.loads(text)
