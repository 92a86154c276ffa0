"""What all stores of the error firewall owe. See `integrations.error_firewall.ports.Store`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from integrations.error_firewall.model import (
    Decision,
    Evidence,
    FailMode,
    Outcome,
    OutcomeKind,
    Predicate,
    PredicateKind,
    Record,
    Requirement,
    Solution,
    Status,
)
from integrations.error_firewall.ports import Conflict
from tests.contract.firewall_worlds import SOLUTION, STORES, STRANGE, StoreWorld, kept, record, rule


@pytest.fixture(params=STORES)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[StoreWorld]:
    async with STORES[request.param]() as world:
        yield world


# Entries.


async def test_an_empty_store_has_nothing(world: StoreWorld) -> None:
    """And no change to speak of."""
    loaded = await world.here.load()
    assert (loaded.entries, loaded.forgotten) == ((), ())
    assert await world.here.changes(loaded.version) == loaded


async def test_a_record_comes_back_as_it_was(world: StoreWorld) -> None:
    """Every field, whatever is in it; only its version is the store's."""
    given = record(
        "r",
        message="can't\nfind 'it' 漢字",
        params=STRANGE,
        context=STRANGE,
        frames=("app.build:run", "app:main"),
        solution=SOLUTION,
        status=Status.SUGGESTED,
        action=Decision.WARN,
        requirement=Requirement("ios_simulators", {"name": "params.device"}),
        fail_mode=FailMode.CLOSED,
        occurrences=3,
        evidence=Evidence(1, 2, 3, 4, 5),
        created_at=1763720100.1234567,
        updated_at=1763720101.7654321,
        first_seen=1763720099.3333333,
        last_seen=1763720102.1,
        expires_at=1763729999.5,
        changed_by="alice",
        reason="seen in the build of \N{SNOWMAN}",
    )
    saved = await world.here.save(given)
    assert saved == replace(given, version=saved.version)
    assert saved.version > 0
    assert await kept(world.there) == {"r": saved}
    assert list(saved.params) == list(STRANGE)
    assert type(saved.params["one"]) is float


async def test_a_rule_comes_back_as_it_was(world: StoreWorld) -> None:
    """Predicates with arguments of every shape, in their order."""
    predicates = (
        Predicate(PredicateKind.EQUALS, "params.device", "iPhone 15", ignore_case=True),
        Predicate(PredicateKind.ONE_OF, "params.os", ["17.0", 17, None, True]),
        Predicate(PredicateKind.RANGE, "context.memory", [None, 8.5]),
        Predicate(PredicateKind.VERSION, "params.os", ">=17,<17.2"),
        Predicate(PredicateKind.REGEX, "params.path", r"^C:\\.*\.app$"),
    )
    given = rule("r", predicates=predicates, record_ids=("a", "b"), title="no such simulator", created_at=7.25)
    saved = await world.here.save(given)
    assert saved == replace(given, version=saved.version)
    assert await kept(world.there) == {"r": saved}


async def test_text_with_a_nul_does_no_harm(world: StoreWorld) -> None:
    """Programs print anything. In parameters it stays; elsewhere another sign may stand for it."""
    saved = await world.here.observe(record("r", message="a\0b", params={"p": "a\0b"}, operation="op\0"))
    assert saved.params == {"p": "a\0b"}
    assert saved.message.startswith("a")
    assert saved.message.endswith("b")


async def test_a_change_takes_the_version_that_is_stored(world: StoreWorld) -> None:
    """Who decided on an older one is told, and nothing is overwritten."""
    first = await world.here.save(record("r"))
    second = await world.there.save(replace(first, status=Status.CONFIRMED, solution=SOLUTION))
    assert second.version > first.version
    for stale in (first, replace(first, version=second.version + 1), replace(first, version=0)):
        with pytest.raises(Conflict, match="r"):
            await world.here.save(replace(stale, status=Status.RETIRED))
    with pytest.raises(Conflict):
        await world.here.save(replace(first, id="unknown"))
    assert await kept(world.here) == {"r": second}


async def test_saving_leaves_the_counts_alone(world: StoreWorld) -> None:
    """They are counted elsewhere, and what was read before may be old."""
    first = await world.here.save(record("r", occurrences=2, evidence=Evidence(worked=1)))
    saved = await world.here.save(replace(first, occurrences=99, evidence=Evidence(did_not=99), reason="x"))
    assert (saved.occurrences, saved.evidence, saved.reason) == (2, Evidence(worked=1), "x")


async def test_of_many_who_change_at_once_one_wins(world: StoreWorld) -> None:
    """The others are told."""
    first = await world.here.save(record("r"))
    stores = (world.here, world.there)
    results = await asyncio.gather(
        *(stores[n % 2].save(replace(first, reason=str(n))) for n in range(10)), return_exceptions=True
    )
    won = [result for result in results if not isinstance(result, BaseException)]
    assert len(won) == 1
    assert all(isinstance(result, Conflict) for result in results if result is not won[0])
    assert await kept(world.there) == {"r": won[0]}


# Sightings.


async def test_an_error_that_is_new_becomes_a_record(world: StoreWorld) -> None:
    """With the first version."""
    given = record("r", occurrences=1)
    assert await world.here.observe(given) == replace(given, version=1)
    assert await kept(world.there) == {"r": replace(given, version=1)}


async def test_an_error_that_is_known_is_counted(world: StoreWorld) -> None:
    """The newer sighting says how it looks now; what people decided stays."""
    first = await world.here.observe(record("r", message="old", context={"a": 1}))
    decided = await world.here.save(replace(first, status=Status.CONFIRMED, solution=SOLUTION, expires_at=99.0))
    seen = record("r", message="new", context={"b": 2}, last_seen=20.0, first_seen=20.0, occurrences=4)
    again = await world.there.observe(replace(seen, status=Status.OBSERVED, solution=Solution("other")))
    assert again.version > decided.version
    assert again == replace(
        decided, message="new", context={"b": 2}, last_seen=20.0, updated_at=20.0, occurrences=5, version=again.version
    )
    assert await kept(world.here) == {"r": again}


async def test_an_older_sighting_is_only_counted(world: StoreWorld) -> None:
    """Processes report in any order."""
    newer = await world.here.observe(record("r", message="new", context={"b": 2}, last_seen=20.0))
    after = await world.there.observe(record("r", message="old", last_seen=10.0))
    assert after == replace(newer, occurrences=2, updated_at=20.0, version=after.version)


async def test_a_solution_fills_an_empty_one(world: StoreWorld) -> None:
    """Whoever knows it first; later ones don't replace it."""
    await world.here.observe(record("r"))
    assert (await world.there.observe(record("r", solution=SOLUTION))).solution == SOLUTION
    assert (await world.here.observe(record("r", solution=Solution("other")))).solution == SOLUTION


async def test_no_occurrence_is_lost(world: StoreWorld) -> None:
    """Two processes that see the same error at once make one record, and count both."""
    stores = (world.here, world.there)
    seen = await asyncio.gather(*(stores[n % 2].observe(record("r", last_seen=float(n))) for n in range(40)))
    (after,) = (await kept(world.here)).values()
    assert (after.occurrences, after.last_seen) == (40, 39.0)
    assert sorted(one.occurrences for one in seen) == list(range(1, 41))


# Changes.


async def test_changes_tell_what_is_new(world: StoreWorld) -> None:
    """Each entry as it is now, and nothing that was there before."""
    await world.here.save(record("old"))
    start = await world.there.load()
    new = await world.here.save(rule("new"))
    await world.here.observe(record("seen"))
    seen = await world.here.observe(record("seen"))
    changes = await world.there.changes(start.version)
    assert changes.version > start.version
    assert {entry.id: entry for entry in changes.entries} == {"new": new, "seen": seen}
    assert len(changes.entries) == 2
    assert (await world.there.changes(changes.version)).entries == ()


async def test_every_kind_of_change_is_told(world: StoreWorld) -> None:
    """Sightings, decisions, outcomes, and what was forgotten."""
    for step in range(3):
        version = (await world.there.load()).version
        if step < 2:
            await world.here.observe(record("r"))
        else:
            await world.here.append_outcome(Outcome(1.0, "r", OutcomeKind.WORKED))
        assert [entry.id for entry in (await world.there.changes(version)).entries] == ["r"]
    start = await world.there.load()
    (known,) = start.entries
    assert isinstance(known, Record)
    await world.here.save(replace(known, reason="x"))
    assert [entry.reason for entry in (await world.there.changes(start.version)).entries] == ["x"]


async def test_what_is_forgotten_is_told(world: StoreWorld) -> None:
    """With its outcomes; an id that nobody knows is nothing, and one that comes back is there again."""
    await world.here.observe(record("r"))
    await world.here.append_outcome(Outcome(1.0, "r", OutcomeKind.WORKED))
    start = await world.there.load()
    await world.here.forget(["r", "unknown"])
    changes = await world.there.changes(start.version)
    assert (changes.entries, changes.forgotten) == ((), ("r",))
    assert await world.there.outcomes("r") == []
    assert await kept(world.there) == {}
    await world.here.observe(record("r"))
    again = await world.there.changes(changes.version)
    assert ([entry.id for entry in again.entries], again.forgotten) == (["r"], ())
    assert [entry.version for entry in again.entries] == [1]
    await world.here.forget([])


async def test_no_change_is_missed_while_others_write(world: StoreWorld) -> None:
    """Who follows by number ends with what is there, however the changes overlap."""
    known: dict[str, Any] = {}
    version = (await world.there.load()).version

    async def write(start: int) -> None:
        store = (world.here, world.there)[start % 2]
        for n in range(15):
            await store.observe(record(f"r{(start + n) % 7}"))
            if n % 5 == start:
                await store.forget([f"r{n % 7}"])

    writers = asyncio.gather(*(write(n) for n in range(4)))
    while True:
        finished = writers.done()
        changes = await world.there.changes(version)
        assert changes.version >= version
        version = changes.version
        for entry in changes.entries:
            if entry.id not in known or known[entry.id].version != entry.version:
                known[entry.id] = entry
        for gone in changes.forgotten:
            known.pop(gone, None)
        if finished:
            break
        await asyncio.sleep(0)
    await writers
    assert known == await kept(world.here)


async def test_waiting_ends_with_a_change(world: StoreWorld) -> None:
    """Of any process, and also one that came before the waiting began."""
    await world.here.observe(record("r"))
    version = (await world.there.load()).version
    async with asyncio.timeout(20):
        for n in range(3):
            changing = asyncio.create_task(_later(world, n))
            while (await world.there.changes(version)).version == version:
                await world.there.wait(version, 10.0)
            await changing
            version = (await world.there.changes(version)).version
        await world.here.observe(record("before"))
        await world.there.wait(version, 15.0)


async def _later(world: StoreWorld, n: int) -> None:
    await asyncio.sleep(0.01)
    await world.here.observe(record(f"r{n}"))


async def test_waiting_for_nothing_ends_in_time(world: StoreWorld) -> None:
    """After its seconds, or earlier for nothing."""
    version = (await world.here.load()).version
    async with asyncio.timeout(10):
        for _ in range(3):
            await world.here.wait(version, 0.02)


async def test_a_record_and_a_rule_have_different_names(world: StoreWorld) -> None:
    """Neither takes the other's place."""
    await world.here.save(rule("r"))
    with pytest.raises(Conflict):
        await world.here.save(record("r"))
    assert not isinstance((await kept(world.here))["r"], Record)
