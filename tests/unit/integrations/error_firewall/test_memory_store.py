"""A store in memory. What all stores owe is in tests/contract/test_firewall_store.py."""

from __future__ import annotations

import asyncio

from integrations.error_firewall.memory_store import MemoryStore
from integrations.error_firewall.model import Audited, Decision, Outcome, OutcomeKind, Verdict
from tests.firewall_kit import record_of


async def test_it_keeps_the_newest_only() -> None:
    """So many verdicts and outcomes."""
    store = MemoryStore(most=2)
    record = await store.observe(record_of())
    verdicts = [Audited(float(n), Verdict(f"check-{n}", "x", Decision.ALLOW, "why")) for n in range(4)]
    await store.append_verdicts(verdicts)
    for n in range(4):
        await store.append_outcome(Outcome(float(n), record.id, OutcomeKind.WORKED))
    assert [audited.at for audited in await store.verdicts()] == [3.0, 2.0]
    assert [outcome.at for outcome in await store.outcomes(record.id)] == [3.0, 2.0]


def test_it_can_be_used_on_one_loop_after_another() -> None:
    """As a script with several `asyncio.run` does."""
    store = MemoryStore()

    async def wait() -> None:
        waiting = asyncio.create_task(store.wait(10**9, 5))
        await asyncio.sleep(0)
        await store.observe(record_of())
        await waiting

    asyncio.run(wait())
    asyncio.run(wait())
    assert getattr(asyncio.run(store.load()).entries[0], "occurrences", 0) == 2
