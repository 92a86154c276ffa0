"""Going on where a client stood, without a word of its own: what Socket.IO calls connection state recovery.

A client of Socket.IO 4.6 or newer that was given a `pid` remembers the last argument of each event, where it is a
string, and sends it as `offset` when it connects again. The hub writes the event's position there. So nothing has to be
kept for clients that are away, any process can serve them, and what is too old is told as for every `since`.

It holds for the channel that the last event came from. Who follows several says `since` for each: their positions don't
fit into one string that is the same for all subscribers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

_MARK: Final = re.compile(r"([0-9A-Za-z_-]{1,64}):([0-9]{1,15}):([^\s]{1,256})", re.ASCII)


def mark(channel: str, epoch: str, offset: int) -> str:
    """Write a position as the string that clients remember."""
    return f"{epoch}:{offset}:{channel}"


@dataclass(slots=True)
class Resumption:
    """Where a client stood in the channel that it heard last; used once."""

    channel: str = ""
    since: dict[str, Any] | None = None

    @classmethod
    def of(cls, said: object) -> Resumption:
        """Read what a client said; what is no position is none."""
        match = _MARK.fullmatch(said) if isinstance(said, str) else None
        if match is None:
            return cls()
        return cls(match[3], {"epoch": match[1], "offset": int(match[2])})

    def take(self, channel: object) -> dict[str, Any] | None:
        """Return where to go on in a channel, `None` where that isn't known or was said already."""
        if channel != self.channel:
            return None
        since, self.since = self.since, None
        return since
