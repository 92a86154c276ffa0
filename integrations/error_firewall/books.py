"""What is on its way to the store. Whoever checks or records never waits for it."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import structlog

from integrations.error_firewall.model import Audited, Entry, Outcome, Record, Rule
from integrations.error_firewall.ports import Conflict, Store, StoreUnavailable

log = structlog.get_logger(__name__)

BATCH: Final = 500
"""Verdicts that are written at once."""
GATHER: Final = 0.05
"""Seconds for which more is gathered before it is written."""


class Books:
    """A bounded queue of sightings, outcomes and verdicts. What is noted may be noted from any thread.

    Args:
        learn: is given each entry as the store keeps it now.
        most: verdicts that wait at most, and as many sightings, and as many outcomes. What is over it is counted in
            `unwritten` and lost to the store, not to this process; the oldest verdicts go first.
    """

    def __init__(self, store: Store, learn: Callable[[Entry], None], most: int = 10_000) -> None:
        self._store = store
        self._learn = learn
        self._most = most
        self._lock = threading.Lock()
        self._verdicts: deque[Audited] = deque()
        self._outcomes: deque[Outcome] = deque()
        self._sightings: dict[str, Record] = {}
        self._writing = asyncio.Lock()
        self._wake: Callable[[], object] | None = None
        self.unwritten = 0
        self.problem: str | None = None

    @property
    def waiting(self) -> int:
        """Notes that aren't written yet."""
        return len(self._verdicts) + len(self._outcomes) + len(self._sightings)

    def verdict(self, audited: Audited) -> None:
        """Note a verdict."""
        with self._lock:
            self._verdicts.append(audited)
            if len(self._verdicts) > self._most:
                self._verdicts.popleft()
                self.unwritten += 1
        self._rouse()

    def outcome(self, outcome: Outcome) -> None:
        """Note an outcome."""
        with self._lock:
            if len(self._outcomes) >= self._most:
                self.unwritten += 1
                return
            self._outcomes.append(outcome)
        self._rouse()

    def sighting(self, record: Record) -> None:
        """Note that an error was seen; those of one record are added up while they wait."""
        with self._lock:
            waiting = self._sightings.get(record.id)
            if waiting is not None:
                record = replace(
                    record,
                    occurrences=waiting.occurrences + record.occurrences,
                    solution=record.solution or waiting.solution,
                    first_seen=waiting.first_seen,
                )
            elif len(self._sightings) >= self._most:
                self.unwritten += 1
                return
            self._sightings[record.id] = record
        self._rouse()

    def _rouse(self) -> None:
        wake, self._wake = self._wake, None  # once: the writer puts it back before it waits again
        if wake is not None:
            wake()

    async def run(self) -> None:
        """Write what is noted, until cancelled. While the store is away it waits, and is tried again."""
        loop, noted, pause = asyncio.get_running_loop(), asyncio.Event(), 0.1
        while True:
            noted.clear()
            self._wake = lambda: loop.call_soon_threadsafe(noted.set)
            if not self.waiting:
                await noted.wait()
            await asyncio.sleep(GATHER)
            try:
                await self.flush()
                pause = 0.1
            except StoreUnavailable:
                await asyncio.sleep(pause)
                pause = min(10.0, 2 * pause)

    async def flush(self) -> None:
        """Write everything that is noted.

        Raises:
            StoreUnavailable: what isn't written stays noted.
        """
        async with self._writing:
            try:
                await self._flush_sightings()
                await self._flush_outcomes()
                await self._flush_verdicts()
            except StoreUnavailable:
                self.problem = "what happens can't be stored now"
                raise
            self.problem = None

    async def _flush_sightings(self) -> None:
        while self._sightings:
            with self._lock:
                record = self._sightings.pop(next(iter(self._sightings)))
            try:
                kept = await self._store.observe(record)
            except (StoreUnavailable, asyncio.CancelledError):
                self.sighting(record)
                raise
            except Exception as error:
                self._lose(error, 1)
            else:
                self._learn(kept)

    async def _flush_outcomes(self) -> None:
        while self._outcomes:
            try:
                entry = await self._store.append_outcome(self._outcomes[0])
            except (StoreUnavailable, asyncio.CancelledError):
                raise
            except Exception as error:
                self._lose(error, 1)
                entry = None
            self._outcomes.popleft()
            if entry is not None:
                self._learn(entry)

    async def _flush_verdicts(self) -> None:
        while self._verdicts:
            with self._lock:
                batch = [self._verdicts.popleft() for _ in range(min(BATCH, len(self._verdicts)))]
            try:
                await self._store.append_verdicts(batch)
            except (StoreUnavailable, asyncio.CancelledError):
                with self._lock:
                    self._verdicts.extendleft(reversed(batch))
                    while len(self._verdicts) > self._most:
                        self._verdicts.popleft()
                        self.unwritten += 1
                raise
            except Exception as error:
                self._lose(error, len(batch))

    def _lose(self, error: Exception, count: int) -> None:
        """Give up what the store can't take at all: trying again would hold up everything behind it for ever."""
        self.unwritten += count
        log.error("the firewall's store refused something", error=repr(error)[:500], lost=count, total=self.unwritten)

    async def save(self, entry: Entry) -> Entry:
        """Store an entry now, after everything that was noted before, and learn it.

        Raises:
            Conflict: somebody else changed it.
            StoreUnavailable: nothing was changed.
        """
        await self.flush()
        if isinstance(entry, Record):
            kept: Entry = await self._store.save(entry)
        elif isinstance(entry, Rule):
            kept = await self._store.save(entry)
        else:
            raise Conflict(f"expected a record or a rule; came {type(entry).__name__}")
        self._learn(kept)
        return kept
