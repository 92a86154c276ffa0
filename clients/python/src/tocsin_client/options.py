"""The bounds of a subscribing client."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Bounds and times of `connect`; times are in seconds.

    Attributes:
        open_timeout: for the first connection, all attempts together; `None` tries until the hub is there.
        attempt_timeout: for one attempt to connect.
        request_timeout: for one request, waiting for a connection included.
        close_timeout: for the closing handshake.
        heartbeat: a link that is silent for so long is asked for a sign of life, and cut after as long again.
        backoff_first: bound of the first wait before coming back; doubles with each.
        backoff_longest: bound of any wait.
        steady: a connection that lived so long makes the waits begin anew.
        queue: messages that may wait in one subscription.
        queue_bytes: bytes of them, as they came.
        requests: requests that wait for their reply at one time; more wait for their turn.
        message_bytes: longest message that is taken from the hub.
    """

    open_timeout: float | None = 30.0
    attempt_timeout: float = 10.0
    request_timeout: float = 10.0
    close_timeout: float = 2.0
    heartbeat: float = 20.0
    backoff_first: float = 0.5
    backoff_longest: float = 20.0
    steady: float = 5.0
    queue: int = 5_000
    queue_bytes: int = 16 << 20
    requests: int = 100
    message_bytes: int = 64 << 20

    def __post_init__(self) -> None:
        for name in ("attempt_timeout", "request_timeout", "heartbeat", "queue", "queue_bytes", "requests"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name}: expected more than 0, got {getattr(self, name)}")
