"""The demo's memory: what its acts found out, a few lines that are corrected and forgotten as the work goes on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from channels.clock import Clock
from channels.push import Push
from integrations.memory_updates import MemoryUpdates

OWNER: Final = "demo"
"""The user whose memory it is."""
KEPT: Final = 8
"""Lines that are kept; the one that wasn't touched for longest goes first."""
INTERVAL: Final = 5.0
"""Seconds that the counts for everybody are of, at least."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is remembered."""

    id: str
    summary: str


class Notebook:
    """Remembers facts by their subject, and says so: in full to the owner, as counts to everybody.

    Attributes:
        lines: what is remembered, by subject, the oldest first.
    """

    def __init__(self, push: Push, clock: Clock, interval: float = INTERVAL) -> None:
        self.lines: dict[str, Line] = {}
        self._updates = MemoryUpdates(push, interval=interval, now=clock.monotonic)

    def note(self, subject: str, summary: str) -> None:
        """Remember what is known of a subject now."""
        known = self.lines.pop(subject, None)
        if known is not None and known.summary == summary:
            self.lines[subject] = known
            return
        line = Line(known.id if known else f"m-{secrets.token_hex(6)}", summary)
        self.lines[subject] = line
        if known is None:
            self._updates.created(OWNER, line.id, kind="fact", summary=summary)
        else:
            self._updates.changed(OWNER, line.id, kind="fact", summary=summary, changed=["summary"], reason=subject)
        while len(self.lines) > KEPT:
            oldest = self.lines.pop(next(iter(self.lines)))
            self._updates.pruned(OWNER, 1, f"over the limit of {KEPT}", [oldest.id])

    async def run(self) -> None:
        """Say how many lines changed, now and then, until cancelled."""
        await self._updates.run()
