"""How long to wait before something that died is started again."""

from __future__ import annotations

SHORTEST = 0.1
LONGEST = 30.0
"""Bounds of the wait, in seconds."""
LOOP = 5
"""So many deaths in a row are a crash loop ..."""
PEACE = 60.0
"""... where each one came after less than so many seconds of life. A longer life begins anew."""


class Restarts:
    """Counts deaths in a row; the wait doubles with each.

    Attributes:
        count: deaths in a row.
    """

    def __init__(self) -> None:
        self.count = 0

    def died(self, lived: float) -> float:
        """Note a death after `lived` seconds; return the seconds to wait."""
        self.count = 1 if lived >= PEACE else self.count + 1
        return float(min(LONGEST, SHORTEST * 2 ** min(self.count - 1, 16)))

    @property
    def is_loop(self) -> bool:
        """Whether it dies again and again, so that somebody should look at it."""
        return self.count >= LOOP
