"""What all stores of the error firewall owe: the books. See `integrations.error_firewall.ports.Store`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from integrations.error_firewall.model import (
    Audited,
    Confidence,
    Decision,
    Evidence,
    Match,
    MatchKind,
    Outcome,
    OutcomeKind,
    Status,
    Verdict,
)
from tests.contract.firewall_worlds import SOLUTION, STORES, STRANGE, StoreWorld, audited, kept, record, rule


@pytest.fixture(params=STORES)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[StoreWorld]:
    async with STORES[request.param]() as world:
        yield world


async def test_a_verdict_comes_back_as_it_was(world: StoreWorld) -> None:
    """Every field; once, however often it was put there."""
    verdict = Verdict(
        check_id="c-1",
        operation="ios_build",
        decision=Decision.BLOCK,
        why="it failed before: 'no such device'",
        match=Match(MatchKind.RULE, "rule-1", "build-1", "DeviceNotFound", Status.CONFIRMED, 0.875),
        solution=SOLUTION,
        confidence=Confidence(0.75, 2, 0, 0.37, 0.98),
        rule_id="rule-1",
        ms=0.125,
        degraded=True,
        would_block=True,
        overridden=True,
    )
    full = Audited(5.5, verdict, STRANGE, {"branch": "main"}, "alice", "n-1")
    await world.here.append_verdicts([full, audited("c-2", 4.0)])
    await world.there.append_verdicts([replace(full, at=9.0), audited("c-3", 3.0)])
    assert await world.there.verdict("c-1") == full
    assert await world.there.verdict("unknown") is None
    assert [one.verdict.check_id for one in await world.there.verdicts()] == ["c-1", "c-2", "c-3"]
    await world.here.append_verdicts([])


async def test_verdicts_are_found(world: StoreWorld) -> None:
    """By any of their properties, and by all together; newest first, page by page."""
    hit = Match(MatchKind.EXACT, "build-1", "build-1", "E", Status.CONFIRMED)
    await world.here.append_verdicts(
        [
            audited(f"c-{n}", float(n), operation=("a", "b")[n % 2], decision=Decision.BLOCK, match=hit)
            if n % 3 == 0
            else audited(f"c-{n}", float(n), operation=("a", "b")[n % 2])
            for n in range(12)
        ]
    )

    async def found(**wanted: Any) -> list[int]:
        return [int(one.at) for one in await world.there.verdicts(**wanted)]

    assert await found(limit=3) == [11, 10, 9]
    assert await found(before=9.0, limit=3) == [8, 7, 6]
    assert await found(operation="a", limit=2) == [10, 8]
    assert await found(decision=Decision.BLOCK) == [9, 6, 3, 0]
    assert await found(entry_id="build-1", operation="b") == [9, 3]
    assert await found(entry_id="build-1", operation="b", decision=Decision.BLOCK, before=9.0) == [3]
    assert await found(entry_id="unknown") == []


async def test_old_verdicts_are_pruned(world: StoreWorld) -> None:
    """The oldest first, no more than was said; what is left to do shows in the number."""
    await world.here.append_verdicts([audited(f"c-{n}", float(n)) for n in range(10)])
    assert await world.there.prune(6.0, limit=4) == 4
    assert [int(one.at) for one in await world.here.verdicts()] == [9, 8, 7, 6, 5, 4]
    assert await world.there.prune(6.0, limit=4) == 2
    assert await world.there.prune(6.0, limit=4) == 0


async def test_outcomes_are_counted(world: StoreWorld) -> None:
    """Each in its own counter, with who said so and why, newest first."""
    first = await world.here.observe(record("r"))
    after: Any = first
    for n, kind in enumerate(OutcomeKind):
        given = Outcome(float(n), "r", kind, f"c-{n}", "alice", "because")
        after = await (world.here, world.there)[n % 2].append_outcome(given)
    assert after == replace(first, evidence=Evidence(1, 1, 1, 1, 1), version=after.version)
    assert after.version > first.version
    told = await world.there.outcomes("r")
    assert [outcome.kind for outcome in told] == list(reversed(OutcomeKind))
    assert told[0] == Outcome(4.0, "r", OutcomeKind.FALSE_BLOCK, "c-4", "alice", "because")
    assert [outcome.at for outcome in await world.there.outcomes("r", limit=2)] == [4.0, 3.0]


async def test_an_outcome_of_nothing_is_not_kept(world: StoreWorld) -> None:
    """There is no entry to count it in."""
    assert await world.here.append_outcome(Outcome(1.0, "unknown", OutcomeKind.WORKED)) is None
    assert await world.here.outcomes("unknown") == []


async def test_no_outcome_is_lost(world: StoreWorld) -> None:
    """However many come at once, for records and rules."""
    await world.here.save(rule("r"))
    stores = (world.here, world.there)
    await asyncio.gather(*(stores[n % 2].append_outcome(Outcome(float(n), "r", OutcomeKind.WORKED)) for n in range(20)))
    assert (await kept(world.here))["r"].evidence == Evidence(worked=20)
    assert len(await world.there.outcomes("r")) == 20
