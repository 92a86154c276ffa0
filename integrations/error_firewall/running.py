"""What goes on beside checks and records: loading, following, writing, tidying."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from integrations.error_firewall.model import Entry, Record, Status
from integrations.error_firewall.parts import Parts
from integrations.error_firewall.ports import Conflict, Store, StoreUnavailable

log = structlog.get_logger(__name__)

TIDY: Final = 60.0
"""Seconds between two looks for what is out of date."""
SETTLE: Final = 1.0
"""Seconds between two looks at passes that wait to be told together."""

FAREWELL: Final = 2.0
"""Seconds for which what is noted is still written after the end."""


class Running:
    """The tasks of a firewall."""

    def __init__(self, parts: Parts, store: Store) -> None:
        self._parts = parts
        self._store = store
        self._demoted: dict[str, Entry] = {}

    def demoted(self, entry: Entry) -> None:
        """Note that an entry lost its confirmation; it is stored when there is time."""
        self._demoted[entry.id] = entry

    async def run(self) -> None:
        """Do all of it until cancelled; then write what is noted, for `FAREWELL` seconds at most."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._parts.following.run(), name="firewall following")
                tasks.create_task(self._parts.books.run(), name="firewall books")
                tasks.create_task(self._settle(), name="firewall passes")
                tasks.create_task(self._tidy_on_and_on(), name="firewall tidying")
        finally:
            try:
                async with asyncio.timeout(FAREWELL):
                    await self._parts.books.flush()
            except (StoreUnavailable, TimeoutError):
                pass  # what stays behind is told by `Books.waiting`

    async def _settle(self) -> None:
        while True:
            await asyncio.sleep(SETTLE)
            self._parts.announcer.settle()
            if self._demoted:
                await self._store_demoted()

    async def _store_demoted(self) -> None:
        while self._demoted:
            name, entry = next(iter(self._demoted.items()))
            try:
                await self._parts.books.save(entry)
            except Conflict:
                pass  # somebody else has decided about it meanwhile
            except StoreUnavailable:
                return
            except Exception:
                log.exception("a demotion can't be stored", entry=name)
            self._demoted.pop(name, None)

    async def _tidy_on_and_on(self) -> None:
        while True:
            await asyncio.sleep(TIDY)
            try:
                await self.tidy()
            except StoreUnavailable:
                pass  # next time
            except Exception:
                log.exception("the firewall can't tidy up")

    async def tidy(self) -> None:
        """Forget records that nobody confirmed and that weren't seen for long; more of them when there is no room."""
        ids = await asyncio.to_thread(self._outdated)  # looks at every record: too long for the loop
        if ids:
            await self._store.forget(ids)
            for name in ids:
                self._parts.knowledge.drop(name)

    def _outdated(self) -> list[str]:
        knowledge, options = self._parts.knowledge, self._parts.options
        observed = [
            entry
            for entry in knowledge.index.entries()
            if isinstance(entry, Record) and entry.status is Status.OBSERVED
        ]
        observed.sort(key=lambda record: record.last_seen)
        too_many = max(0, len(knowledge.index) - int(options.most_entries * 0.95))
        oldest = self._parts.clock.now() - options.observed_for
        return [record.id for at, record in enumerate(observed) if at < too_many or record.last_seen <= oldest]
