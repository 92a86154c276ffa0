"""The bounds of a notifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds and times of `configure`; times are in seconds.

    Attributes:
        queue: notifications that may wait, those that are being sent included.
        queue_bytes: bytes of them.
        drop: which one is dropped when the queue is full: the `newest` keeps the order of what happened first, the
            `oldest` keeps the present.
        batch: notifications in one request, at most; not more than the hub's `limits.batch`.
        batch_bytes: bytes in one request, unless a single one is longer; below the hub's `limits.message_bytes`.
        linger: how long the sender looks for more before it sleeps: waking it costs the caller a system call.
        timeout: for one request.
        backoff_first: bound of the first wait after a failure; doubles with each.
        backoff_longest: bound of any wait.
        memory: how long a hub remembers idempotency keys. What may have arrived, and can't be sent again within this
            time, is given up: lost once is better than published twice.
        exit_timeout: what waits at the exit of the process is sent within this time, or dropped and counted.
    """

    queue: int = 10_000
    queue_bytes: int = 64 << 20
    drop: Literal["newest", "oldest"] = "newest"
    batch: int = 100
    batch_bytes: int = 512 * 1024
    linger: float = 0.002
    timeout: float = 10.0
    backoff_first: float = 0.25
    backoff_longest: float = 15.0
    memory: float = 240.0
    exit_timeout: float = 2.0

    def __post_init__(self) -> None:
        for name in ("queue", "queue_bytes", "batch", "batch_bytes", "timeout"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name}: expected more than 0, got {getattr(self, name)}")
        if self.drop not in ("newest", "oldest"):
            raise ValueError(f"drop: expected newest or oldest, got {self.drop!r}")
