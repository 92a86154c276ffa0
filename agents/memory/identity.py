"""Which memories are the same."""

from __future__ import annotations

import unicodedata
from typing import Final
from uuid import UUID, uuid5

_BETWEEN: Final = "\n"


def normal(text: str) -> str:
    """Return a text as it is compared: in one form of Unicode, without regard to case and to how blanks are set."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def memory_id(agent: UUID, kind: str, text: str, turn: int = 0) -> UUID:
    """Return the id of what an agent remembers: UUIDv5 of agent, kind and text, the same in each process.

    Args:
        turn: above 0 when the id itself belongs to a memory whose text was changed since.
    """
    return uuid5(agent, _BETWEEN.join((kind, str(turn) if turn else "", normal(text))))
