"""What tests of the error firewall share: the seeds' example, a hub that remembers, and a store that can be away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from channels.messages import parse_message
from channels.push import Push
from integrations.error_firewall.call import Call, make_call
from integrations.error_firewall.fingerprints import fingerprints, record_id
from integrations.error_firewall.firewall import ErrorFirewall
from integrations.error_firewall.memory_store import MemoryStore
from integrations.error_firewall.model import (
    Audited,
    Entry,
    Outcome,
    Predicate,
    PredicateKind,
    Record,
    Rule,
    Solution,
    Status,
)
from integrations.error_firewall.options import Options
from integrations.error_firewall.ports import Changes, E, StoreUnavailable
from tests.kit import ManualClock

BAD = {"device": "iPhone 15", "os": "17.0"}
GOOD = {"device": "iPhone 15 Pro", "os": "17.2"}
SOLUTION = Solution("iPhone 15 Pro, 17.2", GOOD)
MISSING = "Unable to find a device matching the provided destination specifier: { OS:17.0, name:iPhone 15 }"


class Heard:
    """A hub that remembers what it was told, and checks it against the published schemas."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, channel: str, type: str, data: Any) -> bool:
        assert channel == "error_firewall"
        parse_message(type, data)
        self.messages.append((type, data))
        return True

    @property
    def types(self) -> list[str]:
        return [type for type, _ in self.messages]

    def last(self, type: str) -> dict[str, Any]:
        """Return the newest message of a type."""
        return next(data for name, data in reversed(self.messages) if name == type)


class FragileStore(MemoryStore):
    """A store that is away while `away` is set; `broken` is raised instead, if there is one."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.broken: Exception | None = None
        self.verdict_calls = 0

    def _try(self) -> None:
        if self.broken is not None:
            raise self.broken
        if self.away:
            raise StoreUnavailable("the store is away")

    async def changes(self, since: int) -> Changes:
        self._try()
        return await super().changes(since)

    async def wait(self, since: int, timeout: float) -> None:
        self._try()
        await super().wait(since, timeout)

    async def observe(self, record: Record) -> Record:
        self._try()
        return await super().observe(record)

    async def save(self, entry: E) -> E:
        self._try()
        return await super().save(entry)

    async def append_verdicts(self, verdicts: Sequence[Audited]) -> None:
        self._try()
        self.verdict_calls += 1
        await super().append_verdicts(verdicts)

    async def append_outcome(self, outcome: Outcome) -> Entry | None:
        self._try()
        return await super().append_outcome(outcome)


def firewall_with(heard: Heard | None = None, clock: ManualClock | None = None, **given: Any) -> ErrorFirewall:
    """Make a firewall; `given` are its own arguments, and options."""
    own = {name: given.pop(name) for name in ("store", "environment", "may_override", "embed", "ids") if name in given}
    return ErrorFirewall(push=Push(heard), options=Options(**given), clock=clock or ManualClock(), **own)


async def blocking(heard: Heard | None = None, clock: ManualClock | None = None, **given: Any) -> ErrorFirewall:
    """Make a firewall that blocks the seeds' example."""
    firewall = firewall_with(heard, clock, **given)
    if "store" in given:
        await firewall._parts.following.load()
    record = firewall.record(MISSING, "ios_build", BAD, error_type="DeviceNotFound", solution=SOLUTION)
    assert record is not None
    await firewall.confirm(record.id, by="alice", reason="looked it up")
    return firewall


def record_of(operation: str = "ios_build", params: dict[str, Any] | None = None, **fields: Any) -> Record:
    """Make a record with plain values where the test doesn't care."""
    call: Call = make_call(operation, BAD if params is None else params)
    error_type, message = fields.pop("error_type", "DeviceNotFound"), fields.pop("message", MISSING)
    marks = fingerprints(operation, call.params, error_type, message, ())
    return Record(
        id=record_id(operation, error_type, marks.exact),
        operation=operation,
        error_type=error_type,
        message=message,
        params=call.params,
        fingerprints=marks,
        **fields,
    )


def condition(field: str, argument: Any, kind: str = "equals", **fields: Any) -> Predicate:
    """Make a predicate."""
    return Predicate(PredicateKind(kind), field, argument, **fields)


def rule_of(*predicates: Predicate, operation: str = "ios_build", **fields: Any) -> Rule:
    """Make a confirmed rule with plain values where the test doesn't care."""
    defaults: dict[str, Any] = {"id": "rule-1", "error_type": "DeviceNotFound", "status": Status.CONFIRMED}
    return Rule(operation=operation, predicates=predicates, **{**defaults, **fields})


@asynccontextmanager
async def running(firewall: ErrorFirewall) -> AsyncIterator[ErrorFirewall]:
    """Run a firewall's own tasks beside the test."""
    task = asyncio.create_task(firewall.run())
    await asyncio.sleep(0)  # it has begun
    try:
        yield firewall
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
