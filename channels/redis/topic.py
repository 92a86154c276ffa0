"""One of Redis' channels, on which processes tell each other something beside publications."""

from __future__ import annotations

from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


def _nothing() -> None:
    """Take no notice."""


class Topic:
    """Hears one Redis channel (a `channels.redis.backbone.Hearer`).

    A message that its listener fails on is logged and counted: it must not end the reader, which carries publications
    as well.

    Attributes:
        heard: whether messages are heard at the moment, as far as is known.
        failures: messages that the listener failed on.
    """

    def __init__(self, listener: Callable[[bytes], None], on_ready: Callable[[], None] = _nothing) -> None:
        self._listener = listener
        self._on_ready = on_ready
        self.heard = False
        self.failures = 0

    def take(self, name: bytes, message: bytes) -> None:
        self.heard = True
        try:
            self._listener(message)
        except Exception:
            self.failures += 1
            log.exception("a message of another process was not understood", topic=name.decode(errors="replace"))

    def ready(self, name: bytes) -> None:
        self.heard = True
        self._on_ready()

    def lost(self) -> None:
        self.heard = False
