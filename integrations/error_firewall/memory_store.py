"""A store in memory: for tests, and for one process that forgets at its end."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from integrations.error_firewall.confidence import counted
from integrations.error_firewall.model import Audited, Decision, Entry, Outcome, Record
from integrations.error_firewall.ports import Changes, Conflict, E

Kept = TypeVar("Kept", bound=Entry)


class MemoryStore:
    """Keeps the newest verdicts and outcomes (`most` of each) and all entries. One event loop at a time."""

    def __init__(self, most: int = 10_000) -> None:
        self._entries: dict[str, tuple[int, Entry]] = {}
        self._forgotten: dict[str, int] = {}
        self._version = 0
        self._most = most
        self._verdicts: dict[str, Audited] = {}
        self._outcomes: deque[Outcome] = deque(maxlen=most)
        self._waiting: set[asyncio.Event] = set()

    async def load(self) -> Changes:
        return await self.changes(0)

    async def changes(self, since: int) -> Changes:
        entries = tuple(entry for version, entry in self._entries.values() if version > since)
        forgotten = tuple(name for name, version in self._forgotten.items() if version > since)
        return Changes(self._version, entries, forgotten)

    async def wait(self, since: int, timeout: float) -> None:
        if self._version > since:
            return
        changed = asyncio.Event()
        self._waiting.add(changed)
        try:
            async with asyncio.timeout(timeout):
                await changed.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(changed)

    async def observe(self, record: Record) -> Record:
        known = self._get(record.id)
        if not isinstance(known, Record):
            return self._keep(replace(record, version=1))
        newest = max(known, record, key=lambda seen: seen.last_seen)
        return self._keep(
            replace(
                known,
                occurrences=known.occurrences + record.occurrences,
                last_seen=newest.last_seen,
                updated_at=newest.last_seen,
                message=newest.message,
                context=newest.context,
                solution=known.solution or record.solution,
                version=known.version + 1,
            )
        )

    async def save(self, entry: E) -> E:
        known = self._get(entry.id)
        if entry.version != (0 if known is None else known.version):
            raise Conflict(
                f"{entry.id}: expected version {0 if known is None else known.version}; came {entry.version}"
            )
        kept: Any = {} if known is None else {"evidence": known.evidence}
        if isinstance(known, Record):
            kept["occurrences"] = known.occurrences
        return self._keep(replace(entry, version=entry.version + 1, **kept))

    async def append_verdicts(self, verdicts: Sequence[Audited]) -> None:
        for audited in verdicts:
            self._verdicts.setdefault(audited.verdict.check_id, audited)
        while len(self._verdicts) > self._most:
            del self._verdicts[next(iter(self._verdicts))]

    async def append_outcome(self, outcome: Outcome) -> Entry | None:
        known = self._get(outcome.entry_id)
        if known is None:
            return None
        self._outcomes.append(outcome)
        return self._keep(replace(known, evidence=counted(known.evidence, outcome.kind), version=known.version + 1))

    async def verdicts(
        self,
        *,
        operation: str | None = None,
        entry_id: str | None = None,
        decision: Decision | None = None,
        before: float | None = None,
        limit: int = 100,
    ) -> list[Audited]:
        def is_asked_for(audited: Audited) -> bool:
            verdict = audited.verdict
            return (
                (operation is None or verdict.operation == operation)
                and (entry_id is None or (verdict.match is not None and verdict.match.entry_id == entry_id))
                and (decision is None or verdict.decision is decision)
                and (before is None or audited.at < before)
            )

        found = [audited for audited in reversed(self._verdicts.values()) if is_asked_for(audited)]
        return sorted(found, key=lambda audited: -audited.at)[:limit]

    async def verdict(self, check_id: str) -> Audited | None:
        return self._verdicts.get(check_id)

    async def outcomes(self, entry_id: str, limit: int = 100) -> list[Outcome]:
        found = [outcome for outcome in reversed(self._outcomes) if outcome.entry_id == entry_id]
        return sorted(found, key=lambda outcome: -outcome.at)[:limit]

    async def forget(self, ids: Sequence[str]) -> None:
        for name in ids:
            if self._entries.pop(name, None) is not None:
                self._version += 1
                self._forgotten[name] = self._version
        gone = set(ids)
        self._outcomes = deque((o for o in self._outcomes if o.entry_id not in gone), self._outcomes.maxlen)
        self._announce()

    async def prune(self, before: float, limit: int = 10_000) -> int:
        old = sorted((a for a in self._verdicts.values() if a.at < before), key=lambda audited: audited.at)[:limit]
        for audited in old:
            del self._verdicts[audited.verdict.check_id]
        return len(old)

    def _get(self, name: str) -> Entry | None:
        found = self._entries.get(name)
        return None if found is None else found[1]

    def _keep(self, entry: Kept) -> Kept:
        self._version += 1
        self._entries[entry.id] = (self._version, entry)
        self._forgotten.pop(entry.id, None)
        self._announce()
        return entry

    def _announce(self) -> None:
        for changed in self._waiting:
            changed.set()
