"""Learning what solved an error."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.error_firewall.call import make_call
from integrations.error_firewall.firewall import ErrorFirewall
from integrations.error_firewall.fixes import MOST_FAILURES, MOST_OPERATIONS, Fixes
from integrations.error_firewall.model import Decision, Solution, Status
from tests.firewall_kit import BAD, GOOD, FragileStore, firewall_with
from tests.kit import ManualClock


def solved(
    params: dict[str, Any], by: dict[str, Any], seconds: float = 60, later: float = 1
) -> list[tuple[str, Solution]]:
    clock = ManualClock()
    fixes = Fixes(seconds, clock)
    fixes.failed("r", make_call("ios_build", params))
    clock.advance(later)
    return fixes.succeeded(make_call("ios_build", by))


def test_a_success_soon_after_with_a_little_changed_is_the_fix() -> None:
    """The solution is what was changed."""
    assert solved(BAD, GOOD) == [("r", Solution("succeeded with device: iPhone 15 Pro, os: 17.2", GOOD))]
    assert solved(BAD, {**BAD, "os": "17.2"}) == [("r", Solution("succeeded with os: 17.2", {"os": "17.2"}))]


@pytest.mark.parametrize(
    ("params", "by"),
    [
        (BAD, BAD),
        (BAD, {**BAD, "scheme": "App"}),
        (BAD, {"device": "iPhone 15"}),
        (dict.fromkeys("abcd", 1), dict.fromkeys("abcd", 2)),
        ({**BAD, "password": "x"}, {**GOOD, "password": "x"}),
    ],
)
def test_anything_else_proves_nothing(params: dict[str, Any], by: dict[str, Any]) -> None:
    """The same call, other parameters, too many changes, or what can't be compared."""
    assert solved(params, by) == []


def test_it_must_come_soon() -> None:
    """And only if it is asked for at all."""
    assert solved(BAD, GOOD, seconds=60, later=60) == []
    assert solved(BAD, GOOD, seconds=0, later=0) == []


def test_each_failure_is_solved_once() -> None:
    """By the first success; another operation solves nothing."""
    fixes = Fixes(60, ManualClock())
    fixes.failed("r", make_call("ios_build", BAD))
    assert fixes.succeeded(make_call("android_build", GOOD)) == []
    assert len(fixes.succeeded(make_call("ios_build", GOOD))) == 1
    assert fixes.succeeded(make_call("ios_build", GOOD)) == []


def test_memory_is_bounded() -> None:
    """Failures of an operation, and operations."""
    fixes = Fixes(60, ManualClock())
    for number in range(2 * MOST_FAILURES):
        fixes.failed(f"r{number}", make_call("x", {"n": number}))
    assert len(fixes.succeeded(make_call("x", {"n": -1}))) == MOST_FAILURES
    for number in range(MOST_OPERATIONS + 5):
        fixes.failed("r", make_call(f"op{number}", {"n": 1}))
    assert fixes.succeeded(make_call("op0", {"n": 2})) == []
    assert len(fixes.succeeded(make_call("op5", {"n": 2}))) == 1


async def test_a_firewall_learns_from_its_guards() -> None:
    """The next attempt of what failed is warned about with what worked. It is stored, and doesn't block."""
    store = FragileStore()
    firewall = firewall_with(store=store)
    await firewall._parts.following.load()

    @firewall.guard("ios_build")
    def build(device: str, os: str) -> None:
        if (device, os) != (GOOD["device"], GOOD["os"]):
            raise LookupError(device)

    with pytest.raises(LookupError):
        build(**BAD)
    build(**GOOD)
    verdict = firewall.check("ios_build", BAD)
    expected = Solution("succeeded with device: iPhone 15 Pro, os: 17.2", GOOD)
    assert (verdict.decision, verdict.solution) == (Decision.WARN, expected)
    await firewall._parts.books.flush()
    (stored,) = (await store.load()).entries
    assert (stored.solution, getattr(stored, "occurrences", 0)) == (expected, 1)
    assert stored.status is not Status.CONFIRMED


async def test_a_solution_that_is_known_stays() -> None:
    """Somebody thought about it."""
    firewall = ErrorFirewall()
    firewall.record(LookupError("x"), "ios_build", BAD, solution="ask Bob")
    with pytest.raises(LookupError), firewall.guarded("ios_build", BAD):
        raise LookupError("x")
    with firewall.guarded("ios_build", GOOD):
        pass
    assert firewall.check("ios_build", BAD).solution == Solution("ask Bob")
