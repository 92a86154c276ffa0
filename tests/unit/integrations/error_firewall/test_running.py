"""What goes on beside checks and records."""

from __future__ import annotations

from integrations.error_firewall.model import OutcomeKind, Status
from tests.firewall_kit import BAD, GOOD, FragileStore, Heard, blocking, firewall_with, running
from tests.kit import ManualClock
from tests.live import until


async def test_two_processes_know_the_same() -> None:
    """What one records, confirms and retires, the other says."""
    store = FragileStore()
    one, other = firewall_with(store=store), firewall_with(store=store)
    async with running(one), running(other):
        await until(lambda: not one.problems and not other.problems)
        record = one.record("e", "ios_build", BAD)
        assert record is not None
        await until(lambda: other.index.get(record.id) is not None)
        await other.confirm(record.id, by="alice")
        await until(lambda: one.check("ios_build", BAD).decision == "block")
        for _ in range(3):
            other.report_outcome(record.id, OutcomeKind.FALSE_BLOCK)
        await until(lambda: one.check("ios_build", BAD).decision != "block")
        await until(lambda: getattr(one.index.get(record.id), "status", None) is Status.SUGGESTED)


async def test_what_is_noted_is_written_at_the_end() -> None:
    """If the store lets it; if not, the end doesn't wait."""
    for away in (False, True):
        store = FragileStore()
        firewall = await blocking(store=store)
        async with running(firewall):
            await until(lambda firewall=firewall: not firewall.problems)  # type: ignore[misc]
            firewall.check("ios_build", GOOD)
            store.away = away
        assert len(await store.verdicts()) == (0 if away else 1)


async def test_records_that_nobody_confirmed_are_forgotten() -> None:
    """After a time; confirmed ones stay, and those seen again."""
    clock, store = ManualClock(), FragileStore()
    firewall = await blocking(clock=clock, store=store, observed_for=100)
    firewall.record("e", "x", {"a": "old"})
    firewall.record("e", "x", {"a": "seen again"})
    clock.advance(60)
    firewall.record("e", "x", {"a": "seen again"})
    await firewall._parts.books.flush()
    clock.advance(40)
    await firewall._running.tidy()
    assert len(firewall.index) == len((await store.load()).entries) == 2
    assert firewall.check("x", {"a": "old"}).decision == "allow"
    assert firewall.check("x", {"a": "seen again"}).decision == "warn"


async def test_room_is_made() -> None:
    """The ones not seen for longest leave first, before there is no room for new ones."""
    clock = ManualClock()
    firewall = firewall_with(clock=clock, most_entries=100)
    for number in range(120):
        clock.advance(1)
        firewall.record("e", "x", {"a": f"v{number}"})
    assert (len(firewall.index), firewall.statistics.failed) == (100, 20)
    await firewall._parts.books.flush()
    await firewall._running.tidy()
    assert len(firewall.index) == 95
    assert firewall.check("x", {"a": "v4"}).decision == "allow"
    assert firewall.check("x", {"a": "v5"}).decision == "warn"


async def test_passes_that_were_left_out_are_told_in_time() -> None:
    """By the firewall's own task."""
    clock, heard = ManualClock(), Heard()
    firewall = firewall_with(heard, clock, passes_per_second=1)
    for _ in range(10):
        firewall.check("x", {"a": "b"})
    async with running(firewall):
        clock.advance(1)
        await until(lambda: len(heard.messages) == 2)
    assert heard.last("error_passed")["count"] == 9
