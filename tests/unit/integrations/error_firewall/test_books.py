"""What is on its way to the store."""

from __future__ import annotations

import asyncio

import pytest

from integrations.error_firewall.books import BATCH, Books
from integrations.error_firewall.model import Audited, Decision, Entry, Outcome, OutcomeKind, Verdict
from integrations.error_firewall.ports import Conflict, StoreUnavailable
from tests.firewall_kit import FragileStore, condition, record_of, rule_of
from tests.live import until


def audited(number: int) -> Audited:
    return Audited(float(number), Verdict(f"check-{number}", "x", Decision.ALLOW, "why"))


def books(store: FragileStore, most: int = 10_000) -> tuple[Books, list[Entry]]:
    learned: list[Entry] = []
    return Books(store, learned.append, most), learned


async def test_everything_is_written_in_order() -> None:
    """Sightings first, so that outcomes find their records; what the store keeps is learned."""
    store = FragileStore()
    written, learned = books(store)
    record = record_of()
    written.outcome(Outcome(1.0, record.id, OutcomeKind.WORKED))
    written.outcome(Outcome(1.0, "no-such-entry", OutcomeKind.WORKED))
    written.sighting(record)
    written.sighting(record)
    for number in range(BATCH + 1):
        written.verdict(audited(number))
    assert written.waiting == BATCH + 4
    await written.flush()
    assert written.waiting == 0
    assert [(entry.version, entry.evidence.worked) for entry in learned] == [(1, 0), (2, 1)]
    (kept,) = (await store.load()).entries
    assert getattr(kept, "occurrences", 0) == 2
    assert len(await store.verdicts(limit=1_000)) == BATCH + 1
    assert store.verdict_calls == 2


async def test_what_cannot_be_written_waits() -> None:
    """Nothing is lost, nothing comes twice, and the order stays."""
    store = FragileStore()
    written, _ = books(store)
    written.verdict(audited(1))
    written.sighting(record_of())
    store.away = True
    with pytest.raises(StoreUnavailable):
        await written.flush()
    written.sighting(record_of())
    written.verdict(audited(2))
    assert (written.waiting, written.problem) == (3, "what happens can't be stored now")
    store.away = False
    await written.flush()
    assert (written.waiting, written.problem, written.unwritten) == (0, None, 0)
    assert [a.verdict.check_id for a in await store.verdicts()] == ["check-2", "check-1"]
    (kept,) = (await store.load()).entries
    assert getattr(kept, "occurrences", 0) == 2


async def test_what_waits_is_bounded() -> None:
    """The oldest verdicts are given up, and counted."""
    store = FragileStore()
    written, _ = books(store, most=3)
    for number in range(5):
        written.verdict(audited(number))
        written.outcome(Outcome(1.0, "x", OutcomeKind.WORKED))
        written.sighting(record_of(error_type=f"E{number}"))
    assert (written.waiting, written.unwritten) == (9, 6)
    store.away = True
    with pytest.raises(StoreUnavailable):
        await written.flush()
    store.away = False
    await written.flush()
    assert [a.verdict.check_id for a in await store.verdicts()] == ["check-4", "check-3", "check-2"]


async def test_what_the_store_refuses_holds_nothing_up() -> None:
    """A fault of the store itself costs what it can't take, and is counted."""
    store = FragileStore()
    written, _ = books(store)
    store.broken = RuntimeError("can't encode")
    written.verdict(audited(1))
    written.sighting(record_of())
    written.outcome(Outcome(1.0, "x", OutcomeKind.WORKED))
    await written.flush()
    assert (written.waiting, written.unwritten) == (0, 3)
    store.broken = None
    written.verdict(audited(2))
    await written.flush()
    assert [a.verdict.check_id for a in await store.verdicts()] == ["check-2"]


async def test_it_writes_by_itself() -> None:
    """Also what is noted from another thread, and again when the store is back."""
    store = FragileStore()
    written, _ = books(store)
    task = asyncio.create_task(written.run())
    await asyncio.to_thread(written.verdict, audited(1))
    await until(lambda: store.verdict_calls == 1)
    store.away = True
    await asyncio.to_thread(written.verdict, audited(2))
    await until(lambda: written.problem is not None)
    store.away = False
    await until(lambda: store.verdict_calls == 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert written.waiting == 0


async def test_saving_comes_after_what_was_noted() -> None:
    """And is learned at once; a conflict changes nothing."""
    store = FragileStore()
    written, learned = books(store)
    rule = rule_of(condition("device", "x"))
    kept = await written.save(rule)
    assert (kept.version, learned) == (1, [kept])
    with pytest.raises(Conflict):
        await written.save(rule)
    with pytest.raises(Conflict, match="expected a record or a rule; came Entry"):
        await written.save(Entry(id="x", operation="x", error_type="E"))
    assert learned == [kept]
