"""Catalogues as two processes have them: each with its own cache, joined by words that can get lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agents.catalog.cache import Cache
from agents.catalog.catalog import Catalog
from tests.kit import ManualClock

Handler = Callable[[Mapping[str, Any]], None]


class Wire:
    """What joins processes; while it is `cut`, words reach nobody."""

    def __init__(self) -> None:
        self.cut = False
        self.words: list[Mapping[str, Any]] = []
        self._handlers: list[tuple[str, Handler]] = []

    def listen(self, topic: str, handler: Handler) -> None:
        self._handlers.append((topic, handler))

    def tell(self, topic: str, message: Mapping[str, Any]) -> None:
        if self.cut:
            return
        self.words.append(message)
        for heard, handler in self._handlers:
            if heard == topic:
                handler(message)


def a_catalog(wire: Wire | None = None, *, most: int = 100, clock: ManualClock | None = None) -> Catalog:
    """A catalogue with nothing cached."""
    return Catalog(Cache(1_000, 300.0, (clock or ManualClock()).monotonic), wire or Wire(), most)
