"""Checking a call: what the verdict says, and what it leaves behind."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from integrations.error_firewall.environment import Environment
from integrations.error_firewall.model import Decision, FailMode, Requirement, Status
from integrations.error_firewall.overriding import Override
from tests.firewall_kit import BAD, GOOD, FragileStore, Heard, blocking, condition, firewall_with, rule_of, running
from tests.live import until


async def test_a_verdict_tells_all() -> None:
    """Which entry, how, how sure with counts, what to do, how long it took."""
    firewall = await blocking(ids=lambda: "1")
    verdict = firewall.check("ios_build", BAD)
    assert verdict.check_id == "check-1"
    assert verdict.match is not None
    assert (verdict.match.kind, verdict.match.status, verdict.match.score) == ("exact", Status.CONFIRMED, 1.0)
    assert verdict.confidence is not None
    assert (verdict.confidence.value, verdict.confidence.successes, verdict.confidence.failures) == (0.5, 0, 0)
    assert 0 < verdict.ms < 1_000
    assert not verdict.degraded
    passed = firewall.check("ios_build", GOOD)
    assert (passed.match, passed.solution, passed.confidence, passed.rule_id) == (None, None, None, None)
    assert passed.why == "Nothing is known against it."


async def test_every_verdict_is_booked() -> None:
    """Passes too, with the parameters that counted and who asked; never while the check waits."""
    store = FragileStore()
    firewall = await blocking(store=store, node="n-1")
    store.away = True
    firewall.check("ios_build", BAD, {"branch": "main"}, actor="bob")
    firewall.check("ios_build", {**GOOD, "request_id": "7"})
    assert store.verdict_calls == 0
    store.away = False
    await firewall._parts.books.flush()
    passed, blocked = await firewall.store.verdicts()
    assert (blocked.verdict.decision, blocked.params, blocked.actor) == (Decision.BLOCK, BAD, "bob")
    assert (blocked.context, blocked.node) == ({"branch": "main"}, "n-1")
    assert (passed.verdict.decision, passed.params) == (Decision.ALLOW, GOOD)
    assert (await firewall.store.verdict(blocked.verdict.check_id)) == blocked


@pytest.mark.parametrize(("mode", "decision"), [(FailMode.OPEN, Decision.WARN), (FailMode.CLOSED, Decision.BLOCK)])
async def test_before_anything_is_loaded_nothing_is_silently_allowed(mode: FailMode, decision: Decision) -> None:
    """A firewall that can't reach its store at the start knows nothing, and says so."""
    store = FragileStore()
    store.away = True
    firewall = firewall_with(store=store, fail_mode=mode)
    async with running(firewall):
        verdict = firewall.check("ios_build", GOOD)
        assert (verdict.decision, verdict.degraded) == (decision, True)
        assert "what is known isn't loaded yet" in verdict.why
        store.away = False
        await until(lambda: not firewall.problems)
        assert firewall.check("ios_build", GOOD).decision is Decision.ALLOW


async def test_what_is_known_is_used_while_the_store_is_away() -> None:
    """Blocks hold; every verdict says that it may be out of date."""
    store = FragileStore()
    firewall = await blocking(store=store)
    async with running(firewall):
        await until(lambda: not firewall.problems)
        store.away = True
        firewall.check("ios_build", GOOD)
        await until(lambda: bool(firewall.problems))
        await store_change(store)
        await until(lambda: any("out of date" in problem for problem in firewall.problems))
        for params, decision in ((BAD, Decision.BLOCK), (GOOD, Decision.ALLOW)):
            verdict = firewall.check("ios_build", params)
            assert (verdict.decision, verdict.degraded) == (decision, True)
            assert "may be out of date" in verdict.why


async def store_change(store: FragileStore) -> None:
    """Let who waits for the store look at it again."""
    store._announce()
    await asyncio.sleep(0)


async def test_a_hanging_resource_delays_only_what_needs_it() -> None:
    """And no longer than its time-out; the loop isn't held up."""
    released = threading.Event()

    def hang() -> list[dict[str, Any]]:
        released.wait(20)
        return []

    environment = Environment()
    environment.register("devices", hang, timeout=0.1)
    firewall = firewall_with(environment=environment, fail_mode=FailMode.CLOSED)
    requirement = Requirement("devices", {"name": "params.device"})
    firewall._parts.knowledge.put(rule_of(condition("device", "iPhone 15"), requirement=requirement))
    assert not firewall.check("ios_build", GOOD).degraded
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    ticking = asyncio.create_task(tick())
    verdict = await firewall.check_async("ios_build", BAD)
    ticking.cancel()
    released.set()
    assert ticks >= 3
    assert (verdict.decision, verdict.degraded) == (Decision.BLOCK, True)
    assert "the environment is unknown: resource 'devices' did not answer within 0.1 s" in verdict.why


async def test_a_permission_that_cannot_be_read_is_none() -> None:
    """The block holds, and the verdict says why."""

    def broken(actor: str, operation: str) -> bool:
        raise RuntimeError("directory is down")

    firewall = await blocking(may_override=broken)
    verdict = firewall.check("ios_build", BAD, override=Override("r", "alice"))
    assert (verdict.decision, verdict.degraded) == (Decision.BLOCK, True)
    assert "permissions can't be read (RuntimeError)" in verdict.why


async def test_what_fails_behind_a_verdict_does_not_reach_the_caller() -> None:
    """It is counted."""
    firewall = await blocking(Heard())
    firewall._parts.announcer._push = None  # type: ignore[assignment]
    assert firewall.check("ios_build", BAD).decision is Decision.BLOCK
    assert firewall.statistics.failed == 1
