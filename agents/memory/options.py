"""The bounds of agents' memories."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MemoryOptions:
    """The bounds.

    Attributes:
        limit: most memories of one agent.
        warning: part of `limit` from which on its user is warned.
        pruned: part of `limit` that goes at once when it is reached: the oldest, none that is pinned.
        part_bytes: longest memory, in bytes of UTF-8; a longer exchange is cut into parts.
        parts: parts of one exchange that are kept.
        patience: seconds that a search waits for what it finds by meaning; then it answers with what words found.
        batch: texts that are embedded at once.
        lease: seconds after which a batch that a process took, and died with, is taken again.
        retry, retry_most: seconds until a failed batch is tried again: at first, and at most; each time twice as long.
        upkeep: seconds between two looks for what is still to embed or to remove, when nobody says that there is any.
    """

    limit: int = 10_000
    warning: float = 0.8
    pruned: float = 0.2
    part_bytes: int = 4_000
    parts: int = 8
    patience: float = 3.0
    batch: int = 16
    lease: float = 300.0
    retry: float = 2.0
    retry_most: float = 600.0
    upkeep: float = 10.0
