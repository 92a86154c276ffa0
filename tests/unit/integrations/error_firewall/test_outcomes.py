"""Learning from what came of it."""

from __future__ import annotations

import pytest

from integrations.error_firewall.firewall import ErrorFirewall
from integrations.error_firewall.model import Decision, Entry, Evidence, OutcomeKind, Status
from integrations.error_firewall.outcomes import ENOUGH_FAILURES
from integrations.error_firewall.overriding import Override, OverrideRefused
from tests.firewall_kit import BAD, GOOD, Heard, blocking


def entry_of(firewall: ErrorFirewall) -> Entry:
    return firewall.index.entries()[0]


async def test_outcomes_move_confidence() -> None:
    """Up and down, at once, and with counts in the next verdict."""
    firewall = await blocking()
    sure = None
    for kind, value in ((OutcomeKind.WORKED, 2 / 3), (OutcomeKind.DID_NOT, 1 / 2), (OutcomeKind.REPEATED, 3 / 5)):
        firewall.report_outcome(firewall.check("ios_build", BAD), kind)
        sure = firewall.check("ios_build", BAD).confidence
        assert sure is not None
        assert sure.value == pytest.approx(value, abs=1e-4)
    assert sure is not None
    assert (sure.successes, sure.failures) == (2, 1)


async def test_outcomes_are_booked_with_their_check() -> None:
    """Who said it and why, without secrets."""
    firewall = await blocking()
    verdict = firewall.check("ios_build", BAD)
    firewall.report_outcome(verdict, OutcomeKind.WORKED, actor="bob", reason="built with token=hunter2")
    await firewall._parts.books.flush()
    (outcome,) = await firewall.store.outcomes(entry_of(firewall).id)
    assert (outcome.kind, outcome.check_id, outcome.actor) == (OutcomeKind.WORKED, verdict.check_id, "bob")
    assert outcome.reason == "built with [secret]"
    assert entry_of(firewall).evidence == Evidence(worked=1)


async def test_a_confirmation_is_taken_back_in_the_store_too() -> None:
    """So that other processes stop blocking as well; by confidence, not by the number of failures alone."""
    firewall = await blocking()
    name = entry_of(firewall).id
    for _ in range(10):
        firewall.report_outcome(name, OutcomeKind.WORKED)
    for _ in range(ENOUGH_FAILURES):
        firewall.report_outcome(name, OutcomeKind.FALSE_BLOCK)
    assert entry_of(firewall).status is Status.CONFIRMED
    for _ in range(20):
        firewall.report_outcome(name, OutcomeKind.DID_NOT)
    assert entry_of(firewall).status is Status.SUGGESTED
    await firewall._parts.books.flush()
    await firewall._running._store_demoted()
    (stored,) = (await firewall.store.load()).entries
    assert (stored.status, stored.changed_by) == (Status.SUGGESTED, "the firewall")
    assert "10 for it" in (stored.reason or "")


async def test_false_blocks_and_false_warnings_are_two_numbers() -> None:
    """A warning that was wrong stopped nobody."""
    firewall = await blocking()
    firewall.report_outcome(firewall.check("ios_build", BAD), OutcomeKind.FALSE_BLOCK)
    await firewall.retire(entry_of(firewall).id, by="alice")
    firewall.record("e", "deploy", {"host": "h-1"})
    firewall.report_outcome(firewall.check("deploy", {"host": "h-1"}), OutcomeKind.FALSE_BLOCK)
    numbers = firewall.statistics
    assert (numbers.false_blocks, numbers.false_warnings, numbers.false_block_rate) == (1, 1, 1.0)


async def test_a_block_can_be_overridden_afterwards() -> None:
    """By who may, with a reason; what passes anyway needs none."""
    heard = Heard()
    firewall = await blocking(heard, may_override=lambda actor, operation: actor == "alice")
    verdict = firewall.check("ios_build", BAD)
    overridden = firewall.override(verdict, Override("it is installed by the build", "alice"))
    assert (overridden.decision, overridden.overridden) == (Decision.ALLOW, True)
    assert overridden.why.startswith("Overridden (it is installed by the build).")
    assert heard.last("error_overridden")["check_id"] == verdict.check_id
    assert entry_of(firewall).evidence.overridden == 1
    assert firewall.statistics.overrides == 1
    await firewall._parts.books.flush()
    assert (await firewall.store.verdict(f"{verdict.check_id}-override")) is not None
    with pytest.raises(OverrideRefused):
        firewall.override(verdict, Override("please", "mallory"))
    with pytest.raises(ValueError, match="expected a verdict that blocks; came allow"):
        firewall.override(firewall.check("ios_build", GOOD), Override("r", "alice"))
