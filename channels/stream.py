"""The publications of one channel that are kept, and what may be read from them. Pure; brokers put theirs in."""

from __future__ import annotations

import secrets
from collections import deque
from itertools import islice

from channels.model import START, History, Position, Publication


def random_epoch() -> str:
    """Make an epoch: 40 random bits, so that two runs of a hub never share one."""
    return secrets.token_hex(5)


class Stream:
    """One epoch of a channel: its top, and the newest publications without a hole, each with the time it ends.

    Args:
        epoch: name of the epoch.
        offset: of the newest publication; 0 before the first.

    Attributes:
        entries: time of ending (on the owner's clock) and publication, oldest first.
        version: newest version that was published, for versioned publishing; 0 before the first.
    """

    __slots__ = ("entries", "epoch", "offset", "version")

    def __init__(self, epoch: str, offset: int = 0) -> None:
        self.epoch = epoch
        self.offset = offset
        self.entries: deque[tuple[float, Publication]] = deque()
        self.version = 0

    @property
    def top(self) -> Position:
        """Position of the newest publication."""
        return Position(self.epoch, self.offset)

    def append(self, publication: Publication, ends: float, size: int) -> None:
        """Add the next publication, which brings the stream to its position; keep `size` at most."""
        assert publication.position is not None
        self.offset = publication.position.offset
        self.entries.append((ends, publication))
        while len(self.entries) > size:
            self.entries.popleft()

    def expire(self, now: float) -> None:
        """Drop what has ended."""
        while self.entries and self.entries[0][0] <= now:
            self.entries.popleft()

    def read(self, since: Position | None, limit: int, reverse: bool) -> History:
        """Read a piece, as `channels.ports.Broker.history` says."""
        if since == START:
            since = Position(self.epoch, 0)
        comparable = since is not None and since.epoch == self.epoch and since.offset <= self.offset
        offset = since.offset if since is not None and comparable else 0
        found = self._after(offset)
        recovered = comparable and len(found) == self.offset - offset and len(found) <= limit
        chosen = found[:limit] if comparable else found[max(0, len(found) - limit) :]
        if reverse:
            chosen.reverse()
        return History(tuple(chosen), self.top, recovered)

    def _after(self, offset: int) -> list[Publication]:
        skipped = max(0, len(self.entries) - (self.offset - offset))
        return [publication for _, publication in islice(self.entries, skipped, None)]
