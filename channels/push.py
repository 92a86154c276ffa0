"""The one way in which an adapter speaks to the hub."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from channels.ports import Publisher


class Push:
    """Says what happened, and goes on: never blocks, never raises, works without a hub, and counts each call.

    Callable from any thread. What the publisher raises stays here, so that no business code can be hurt by it.

    Args:
        publish: such as `hub.notify_channel`, or `notify_channel` of the package `tocsin_client`; `None`: no hub.

    Attributes:
        outcomes: calls by what became of them: `pushed`, `refused` (the publisher didn't take it), `failed` (it
            raised) and `absent` (there is no hub).
    """

    __slots__ = ("_lock", "_publish", "outcomes")

    def __init__(self, publish: Publisher | None = None) -> None:
        self._publish = publish
        self._lock = threading.Lock()
        self.outcomes: Counter[str] = Counter()

    def __call__(self, channel: str, type: str, data: Any) -> bool:
        """Publish `data`; tell whether the publisher took it."""
        outcome = "absent" if self._publish is None else self._hand_over(self._publish, channel, type, data)
        with self._lock:  # a counter of several threads: `+= 1` alone can lose one
            self.outcomes[outcome] += 1
        return outcome == "pushed"

    def _hand_over(self, publish: Publisher, channel: str, type: str, data: Any) -> str:
        try:
            return "pushed" if publish(channel, type, data) else "refused"
        except Exception:
            return "failed"
