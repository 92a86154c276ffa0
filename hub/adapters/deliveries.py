"""Which deliveries were published already, in whatever process, for longer than a broker knows an idempotency key.

Claims can be taken, and neither looked at nor given back. So a delivery has one claim for each attempt, which numbers
the attempts, and each attempt that succeeds takes the next one's "done". An attempt that finds its own "done" taken
therefore knows that an earlier one succeeded; one that failed leaves nothing that could keep the next from publishing.
"""

from __future__ import annotations

import hashlib
from typing import Final

from channels.ports import Claims

MOST_ATTEMPTS: Final = 20
"""Attempts of one delivery that are told apart. Later ones are published under the broker's idempotency keys alone."""


class Deliveries:
    """Remembers deliveries.

    Args:
        seconds: for which one is remembered; 0: not at all.
    """

    def __init__(self, claims: Claims, seconds: float) -> None:
        self._claims = claims
        self._seconds = seconds

    async def begin(self, id: str) -> int | None:
        """Begin an attempt and return its number; `None`: the delivery was published before.

        Raises:
            ReplyError: `unavailable`; it isn't known.
        """
        if not self._seconds:
            return MOST_ATTEMPTS
        name = _name(id)
        for attempt in range(MOST_ATTEMPTS):
            if await self._claims.claim(f"{name}/{attempt}", self._seconds):
                break
        else:
            return MOST_ATTEMPTS
        if attempt == 0 or await self._claims.claim(f"{name}/{attempt}/done", self._seconds):
            return attempt
        await self.succeeded(id, attempt)
        return None

    async def succeeded(self, id: str, attempt: int) -> None:
        """Note that an attempt has published everything.

        Raises:
            ReplyError: `unavailable`; a later attempt will publish again, under the same idempotency keys.
        """
        if attempt < MOST_ATTEMPTS:
            await self._claims.claim(f"{_name(id)}/{attempt + 1}/done", self._seconds)


def _name(id: str) -> str:
    return f"delivery/{hashlib.sha256(id.encode()).hexdigest()[:32]}"
