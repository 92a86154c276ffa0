"""What the error firewall needs of a store, with the guarantees that each side owes.

The firewall answers from memory. A store is asked at start, when somebody else changed something, and to keep what
happened; never while a check waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from integrations.error_firewall.model import Audited, Decision, Entry, Outcome, Record, Rule

E = TypeVar("E", Record, Rule)


class StoreUnavailable(Exception):
    """The store can't be reached now; nothing was changed. Trying later may help. Its text holds no secret."""


class UnknownEntry(LookupError):
    """There is no such record or rule."""


class Conflict(Exception):
    """Somebody else changed the entry, or it is gone. Nothing was changed. Read it again, and decide again."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Entries as they are now.

    Attributes:
        version: give it to `changes` to learn what comes later.
        entries: those that are new or changed, each once, in no order. Retired and expired ones are among them.
        forgotten: ids of entries that are no longer kept.
    """

    version: int
    entries: tuple[Entry, ...] = ()
    forgotten: tuple[str, ...] = ()


class Store(Protocol):
    """Keeps records, rules, verdicts and outcomes; shared by several processes.

    All methods are called on one event loop, and may be called at the same time. Each raises `StoreUnavailable` when
    the store can't be reached (within a time-out of the store's own); then nothing was changed.
    """

    async def load(self) -> Changes:
        """Return all entries, and the version that they stand for. Nothing committed before this call is missing."""

    async def changes(self, since: int) -> Changes:
        """Return what changed after `since`, by whatever process; no change is ever missed, some may come twice.

        Versions grow in the order in which changes become visible: a change that was in progress while an earlier call
        was answered has a version above that answer's. A store that no longer knows `since` returns everything.
        """

    async def wait(self, since: int, timeout: float) -> None:
        """Return once there may be something newer than `since`, or after `timeout` seconds.

        May return early for nothing. A store that can't listen just sleeps.
        """

    async def observe(self, record: Record) -> Record:
        """Keep an error that was seen, and return the record as it is kept.

        A new `record.id` is inserted with version 1. For one that is there, `record.occurrences` is added to its count,
        `last_seen`, `message` and `context` become those of the newer sighting, and nothing else changes: not its
        status, nor its solution (but a solution fills an empty one). Atomic: two processes lose no occurrence.
        """

    async def save(self, entry: E) -> E:
        """Keep a record or rule as given, and return it with its new version.

        `entry.version` must be the stored one, or 0 for an entry that isn't there yet. `evidence` and `occurrences` of
        an entry that is there stay as they are stored: only `append_outcome` and `observe` count.

        Raises:
            Conflict: it has another version, is gone, or is there already (version 0).
        """

    async def append_verdicts(self, verdicts: Sequence[Audited]) -> None:
        """Put verdicts into the books, all or none. One with a `check_id` that is there already is left out."""

    async def append_outcome(self, outcome: Outcome) -> Entry | None:
        """Put an outcome into the books and count it in its entry's evidence, atomically.

        Returns:
            The entry with its new counts and version; `None` when there is no such entry: nothing is kept then.
        """

    async def verdicts(
        self,
        *,
        operation: str | None = None,
        entry_id: str | None = None,
        decision: Decision | None = None,
        before: float | None = None,
        limit: int = 100,
    ) -> list[Audited]:
        """Return verdicts from the books, newest first: those that have all that is asked for, `at` before `before`."""

    async def verdict(self, check_id: str) -> Audited | None:
        """Return one verdict from the books."""

    async def outcomes(self, entry_id: str, limit: int = 100) -> list[Outcome]:
        """Return outcomes of an entry, newest first."""

    async def forget(self, ids: Sequence[str]) -> None:
        """Drop entries with their outcomes; others learn of it by `Changes.forgotten`. Unknown ids are nothing."""

    async def prune(self, before: float, limit: int = 10_000) -> int:
        """Drop at most `limit` verdicts older than `before` (seconds since 1970), oldest first; return how many."""
