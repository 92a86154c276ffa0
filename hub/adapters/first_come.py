"""What one process does for all: the one that comes first."""

from __future__ import annotations

from typing import Final

from channels.errors import ReplyError
from channels.ports import Claims

_CLAIMED: Final = 600.0
"""Seconds for which nobody else does what one process has begun to do: far longer than processes disagree."""


class FirstCome:
    """Tells the first one from the others."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims

    async def __call__(self, name: str, seconds: float = _CLAIMED, *, otherwise: bool = False) -> bool:
        """Tell whether this process is the first to do something; `otherwise` while that can't be known.

        Args:
            seconds: for which no other process is.
        """
        try:
            return await self._claims.claim(name, seconds)
        except ReplyError:
            return otherwise
