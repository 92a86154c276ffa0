"""The error firewall as its users see it: the seeds' example, and what earlier ones got wrong."""

from __future__ import annotations

import asyncio
import random
import threading
from typing import Any

import pytest

from integrations.error_firewall.environment import Environment
from integrations.error_firewall.firewall import ErrorFirewall
from integrations.error_firewall.model import (
    Decision,
    Entry,
    MatchKind,
    OutcomeKind,
    Requirement,
    Status,
    Verdict,
)
from integrations.error_firewall.ports import UnknownEntry
from tests.firewall_kit import BAD, GOOD, MISSING, SOLUTION, Heard, blocking, condition, firewall_with
from tests.kit import ManualClock

SIX = {"error_id", "error_scene", "error_type", "solution", "confidence", "status"}


async def test_the_seeds_example() -> None:
    """iPhone 15 with iOS 17.0 is blocked with its solution; iPhone 15 Pro with 17.2 passes; all of it is announced."""
    heard = Heard()
    firewall = await blocking(heard)
    blocked = firewall.check("ios_build", BAD)
    assert blocked.decision is Decision.BLOCK
    assert blocked.solution == SOLUTION
    assert "Confirmed by alice" in blocked.why
    assert firewall.check("ios_build", GOOD).decision is Decision.ALLOW
    assert heard.types == ["error_recorded", "solution_confirmed", "error_blocked", "error_passed"]
    told = heard.last("error_blocked")
    assert {name: told[name] for name in SIX} == {
        "error_id": blocked.match.error_id if blocked.match else "",
        "error_scene": "ios_build",
        "error_type": "DeviceNotFound",
        "solution": "iPhone 15 Pro, 17.2",
        "confidence": 0.5,
        "status": "blocked",
    }
    assert all(data.keys() >= SIX for _, data in heard.messages)


@pytest.mark.parametrize(
    "params",
    [
        {"device": "iPhone 15", "os": "17.2"},
        {"device": "iPhone 15 Pro", "os": "17.0"},
        {"device": "iPhone 14", "os": "17.0"},
        {"device": "iPhone 15"},
        {**BAD, "scheme": "Watch"},
    ],
)
async def test_changing_one_parameter_of_a_blocked_call_lets_it_pass(params: dict[str, Any]) -> None:
    """What was blocked is this call, and no other."""
    firewall = await blocking()
    assert firewall.check("ios_build", params).decision is not Decision.BLOCK


async def test_another_version_passes_without_a_word() -> None:
    """Not even a warning: a number tells two devices apart."""
    firewall = await blocking()
    assert firewall.check("ios_build", {**BAD, "os": "17.2"}).decision is Decision.ALLOW


async def test_a_thousand_innocent_operations_are_not_blocked() -> None:
    """Against a firewall full of confirmed records and rules of the same operations."""
    rng = random.Random(3)
    firewall = firewall_with()
    words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"]

    def params() -> dict[str, Any]:
        return {
            "device": f"{rng.choice(words)} {rng.randrange(30)}",
            "os": f"{rng.randrange(10, 19)}.{rng.randrange(5)}",
            "configuration": rng.choice(["Debug", "Release"]),
            "branch": f"feature/{rng.choice(words)}-{rng.randrange(50)}",
        }

    operations = ("ios_build", "deploy", "npm_install")
    failed: set[str] = set()
    for _ in range(1_000):
        operation, given = rng.choice(operations), params()
        record = firewall.record("it failed", operation, given, error_type="Failed")
        assert record is not None
        failed.add(record.fingerprints.call)
        if rng.random() < 0.5:
            await firewall.confirm(record.id, by="alice")
    for number in range(100):
        rule = await firewall.propose(
            rng.choice(operations), [condition("device", f"{rng.choice(words)} {number + 100}")], by="alice"
        )
        await firewall.confirm(rule.id, by="alice")
    innocent: list[Verdict] = []
    while len(innocent) < 1_000:
        operation, given = rng.choice(operations), params()
        verdict = firewall.check(operation, given)
        if verdict.match is None or verdict.match.kind is not MatchKind.EXACT:
            innocent.append(verdict)
    assert [verdict for verdict in innocent if verdict.decision is Decision.BLOCK] == []
    assert sum(verdict.decision is Decision.WARN for verdict in innocent) < 50
    assert firewall.statistics.false_block_rate in (0.0, None)


async def test_a_dry_run_blocks_nothing_and_says_what_it_would_have() -> None:
    """The false-block rate is known before anything is blocked."""
    heard = Heard()
    firewall = await blocking(heard, dry_run=True)
    verdict = firewall.check("ios_build", BAD)
    assert (verdict.decision, verdict.would_block) == (Decision.WARN, True)
    assert verdict.why.startswith("Would be blocked, but this is a dry run.")
    assert heard.last("error_warned")["dry_run"] is True
    firewall.report_outcome(verdict, OutcomeKind.FALSE_BLOCK)
    numbers = firewall.statistics
    assert (numbers.blocks, numbers.would_block, numbers.false_block_rate) == (0, 1, 1.0)


async def test_the_life_of_a_record() -> None:
    """Observed and suggested warn, confirmed blocks, retired is silent."""
    firewall = firewall_with()
    record = firewall.record(MISSING, "ios_build", BAD, error_type="DeviceNotFound")
    assert record is not None

    def now() -> tuple[Decision, Status]:
        entry = firewall.index.get(record.id)
        assert entry is not None
        return firewall.check("ios_build", BAD).decision, entry.status

    assert now() == (Decision.WARN, Status.OBSERVED)
    await firewall.suggest(record.id, by="bob", solution="iPhone 15 Pro, 17.2")
    assert now() == (Decision.WARN, Status.SUGGESTED)
    await firewall.confirm(record.id, by="alice")
    assert now() == (Decision.BLOCK, Status.CONFIRMED)
    await firewall.retire(record.id, by="alice", reason="the device is there now")
    assert now() == (Decision.ALLOW, Status.RETIRED)


async def test_a_rule_ends_when_the_environment_has_what_it_missed() -> None:
    """ "No iPhone 15 with iOS 17.0" stops blocking once that device exists, and not before."""
    clock, devices = ManualClock(), [{"name": "iPhone 15 Pro", "os": "17.2"}]
    environment = Environment(clock)
    environment.register("ios_simulators", lambda: devices, max_age=10)
    firewall = firewall_with(clock=clock, environment=environment)
    rule = await firewall.propose(
        "ios_build",
        [condition("device", "iPhone 15"), condition("os", "17.0", "version")],
        by="alice",
        solution=SOLUTION,
        requirement=Requirement("ios_simulators", {"name": "params.device", "os": "params.os"}),
    )
    await firewall.confirm(rule.id, by="alice")
    assert firewall.check("ios_build", BAD).rule_id == rule.id
    devices.append({"name": "iPhone 15", "os": "17.0"})
    clock.advance(10)
    for verdict in (firewall.check("ios_build", BAD), await firewall.check_async("ios_build", BAD)):
        assert verdict.decision is Decision.ALLOW
        assert "no longer applies: the environment has what it missed" in verdict.why
    devices.pop()
    clock.advance(10)
    assert (await firewall.check_async("ios_build", BAD)).decision is Decision.BLOCK


async def test_errors_against_a_block_take_its_confirmation_away() -> None:
    """After enough of them, and not at the first."""
    firewall = await blocking()
    entry: Entry
    for failures in range(1, 4):
        verdict = firewall.check("ios_build", BAD)
        assert verdict.decision is Decision.BLOCK, failures
        entry = firewall.report_outcome(verdict, OutcomeKind.FALSE_BLOCK, actor="bob", reason="it works")
    assert (entry.status, entry.changed_by) == (Status.SUGGESTED, "the firewall")
    assert firewall.check("ios_build", BAD).decision is not Decision.BLOCK
    with pytest.raises(UnknownEntry):
        firewall.report_outcome("no-such-entry", OutcomeKind.WORKED)
    with pytest.raises(UnknownEntry):
        firewall.report_outcome(firewall.check("x"), OutcomeKind.WORKED)


async def test_expiry() -> None:
    """A rule that was confirmed for a day holds for a day."""
    clock = ManualClock()
    firewall = await blocking(clock=clock)
    record = firewall.index.entries()[0]
    await firewall.suggest(record.id, by="alice", expires_at=clock.now() + 86_400)
    assert firewall.check("ios_build", BAD).decision is Decision.BLOCK
    clock.advance(86_400)
    assert firewall.check("ios_build", BAD).decision is Decision.ALLOW


async def test_many_threads() -> None:
    """Occurrences and checks are all counted, and nothing fails."""
    firewall = await blocking()

    def work(number: int) -> None:
        for round in range(100):
            firewall.record(MISSING, "ios_build", BAD, error_type="DeviceNotFound")
            firewall.record("other", "deploy", {"host": f"h-{number}-{round}"})
            assert firewall.check("ios_build", BAD).decision is Decision.BLOCK

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    numbers = firewall.statistics
    assert (numbers.checks, numbers.blocks, numbers.recorded, numbers.failed) == (400, 400, 801, 0)
    assert numbers.entries == 401
    await firewall._parts.books.flush()
    record = next(entry for entry in (await firewall.store.load()).entries if entry.operation == "ios_build")
    assert getattr(record, "occurrences", 0) == 401
    assert firewall.problems == ()


async def test_only_known_fields_can_be_changed() -> None:
    """A misspelt one has no silent effect."""
    firewall = await blocking()
    with pytest.raises(TypeError, match=r"expected action, expires_at, .*; came status"):
        await firewall.suggest(firewall.index.entries()[0].id, by="alice", status="confirmed")


def test_it_works_without_a_loop_hub_or_store() -> None:
    """In a script."""
    firewall = ErrorFirewall()
    firewall.record(ValueError("no"), "x", {"a": "b"})
    assert firewall.check("x", {"a": "b"}).decision is Decision.WARN
    assert not firewall.check("x", {"a": "c"}).degraded
