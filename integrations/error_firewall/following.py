"""Learning what other processes changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from integrations.error_firewall.knowledge import Knowledge
from integrations.error_firewall.model import Entry
from integrations.error_firewall.ports import Changes, Store, StoreUnavailable

log = structlog.get_logger(__name__)

WAIT: Final = 30.0
"""Seconds after which the store is asked even if it announced nothing."""

PIECE: Final = 100
"""Entries that are learned before others have their turn on the loop: about 10 ms."""


class Following:
    """Loads everything, then follows the store's changes.

    Attributes:
        loaded: everything was loaded once; until then the firewall doesn't know what it should.
        problem: why what is known may be out of date; `None`: it isn't.
    """

    def __init__(self, store: Store, knowledge: Knowledge, learn: Callable[[Entry], None] | None = None) -> None:
        """`learn`: is given each entry that is new or changed; without it, `knowledge` is."""
        self._store = store
        self._learn = learn or knowledge.put
        self._knowledge = knowledge
        self._version = 0
        self.loaded = False
        self.problem: str | None = "what is known isn't loaded yet"

    async def load(self) -> None:
        """Load everything.

        Raises:
            StoreUnavailable: nothing was loaded.
        """
        await self._take(await self._store.load())
        self.loaded = True

    async def catch_up(self) -> None:
        """Learn what changed until now.

        Raises:
            StoreUnavailable: what is known stays as it is.
        """
        await self._take(await self._store.changes(self._version))

    async def run(self) -> None:
        """Load and follow, until cancelled. While the store is away, what is known is used, and `problem` is set."""
        pause = 0.1
        while True:
            try:
                if self.loaded:
                    await self._store.wait(self._version, WAIT)
                    await self.catch_up()
                else:
                    await self.load()
                pause = 0.1
            except Exception as error:
                if not isinstance(error, StoreUnavailable):
                    log.exception("the firewall can't follow its store")
                known = "what is known may be out of date" if self.loaded else "what is known isn't loaded yet"
                self.problem = f"{known}: the store can't be read"
                await asyncio.sleep(pause)
                pause = min(10.0, 2 * pause)

    async def _take(self, changes: Changes) -> None:
        for number, entry in enumerate(changes.entries, start=1):
            self._learn(entry)
            if number % PIECE == 0:
                await asyncio.sleep(0)
        for name in changes.forgotten:
            self._knowledge.drop(name)
        self._version = changes.version
        self.problem = None
