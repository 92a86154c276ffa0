"""Suggesting, confirming and retiring."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.error_firewall.curation import MOST_CROWDED, Contradicted
from integrations.error_firewall.model import Decision, Rule, Solution, Status
from integrations.error_firewall.ports import Conflict, StoreUnavailable, UnknownEntry
from integrations.error_firewall.rules import InvalidRule
from integrations.error_firewall.specificity import TooBroad
from tests.firewall_kit import BAD, GOOD, FragileStore, Heard, blocking, condition, firewall_with, record_of, rule_of


async def test_a_change_is_signed_and_stored_before_it_holds() -> None:
    """Who, why, when; a store that is away changes nothing."""
    store = FragileStore()
    firewall = firewall_with(store=store)
    record = firewall.record("e", "ios_build", BAD)
    assert record is not None
    store.away = True
    with pytest.raises(StoreUnavailable):
        await firewall.confirm(record.id, by="alice")
    assert firewall.check("ios_build", BAD).decision is Decision.WARN
    store.away = False
    kept = await firewall.confirm(record.id, by="alice\n", reason="looked, token=hunter2")
    assert (kept.status, kept.changed_by, kept.reason, kept.version) == (
        Status.CONFIRMED, "alice", "looked, [secret]", 2,
    )  # fmt: skip
    assert (await store.load()).entries == (kept,)
    with pytest.raises(ValueError, match="expected who makes this change"):
        await firewall.retire(record.id, by=" ")


async def test_two_who_change_one_entry_meet() -> None:
    """The second learns that the first was there, and changes nothing."""
    store = FragileStore()
    one, other = await blocking(store=store), firewall_with(store=store)
    await other._parts.following.load()
    name = one.index.entries()[0].id
    await one.retire(name, by="alice")
    with pytest.raises(Conflict, match="expected version 3; came 2"):
        await other.suggest(name, by="bob", solution="x")
    await other._parts.following.catch_up()
    assert (await other.suggest(name, by="bob", solution="x")).status is Status.RETIRED


async def test_what_somebody_else_made_is_found() -> None:
    """Also a moment before the announcement."""
    store = FragileStore()
    one, other = await blocking(store=store), firewall_with(store=store)
    assert (await other.retire(one.index.entries()[0].id, by="bob")).status is Status.RETIRED
    with pytest.raises(UnknownEntry, match="expected a record or rule that the firewall knows; came 'no-such-entry'"):
        await other.confirm("no-such-entry", by="bob")


async def test_a_rule_is_proposed_and_confirmed() -> None:
    """It warns, then blocks, and the confirmation is announced. Proposing it again is once."""
    heard = Heard()
    firewall = firewall_with(heard)
    predicates = [condition("device", "iPhone 15"), condition("os", ">=17,<17.2", "version")]
    rule = await firewall.propose(
        "ios_build", predicates, by="bob", error_type="DeviceNotFound", solution="17.2", title="No such simulator"
    )
    assert await firewall.propose("ios_build", predicates[::-1], by="eve") == rule
    assert firewall.check("ios_build", {**BAD, "os": "17.1"}).decision is Decision.WARN
    await firewall.confirm(rule.id, by="alice", solution=Solution("17.2", {"os": "17.2"}))
    verdict = firewall.check("ios_build", {**BAD, "os": "17.1"})
    assert (verdict.decision, verdict.rule_id) == (Decision.BLOCK, rule.id)
    assert verdict.why.startswith("No such simulator: device is iPhone 15, os is version >=17,<17.2.")
    assert heard.last("solution_confirmed")["rule_id"] == rule.id
    await firewall.retire(rule.id, by="alice")
    again = await firewall.propose("ios_build", predicates, by="bob")
    assert (again.id, again.status, again.version) == (rule.id, Status.SUGGESTED, 4)


async def test_a_rule_that_cannot_be_read_is_refused() -> None:
    """When it is proposed; nothing is stored."""
    firewall = firewall_with()
    for predicates in ([], [condition("os", "newest", "version")], [condition("os", "(", "regex")]):
        with pytest.raises(InvalidRule):
            await firewall.propose("x", predicates, by="alice")
    assert len(firewall.index) == 0


async def test_rules_that_no_value_tells_apart_are_limited() -> None:
    """A check would have to ask each of them."""
    firewall = firewall_with()
    for number in range(MOST_CROWDED):
        firewall._parts.knowledge.put(rule_of(condition("size", [number, None], "range"), id=f"rule-{number}"))
    with pytest.raises(InvalidRule, match=f"{MOST_CROWDED} rules of 'ios_build' are already found by the same one"):
        await firewall.propose("ios_build", [condition("size", [-1, None], "range")], by="alice")
    assert isinstance(await firewall.propose("ios_build", [condition("device", "x")], by="alice"), Rule)


async def test_what_would_have_blocked_successes_is_refused() -> None:
    """Precision first; by force it can be had."""
    firewall = firewall_with()
    for device in ("iPhone 15", "iPad"):
        with firewall.guarded("ios_build", {"device": device, "os": "17.2"}):
            pass
    rule = await firewall.propose("ios_build", [condition("device", "iPhone 15")], by="alice")
    with pytest.raises(Contradicted, match="1 of the last 2 different calls of 'ios_build' that succeeded"):
        await firewall.confirm(rule.id, by="alice")
    assert (await firewall.confirm(rule.id, by="alice", force=True)).status is Status.CONFIRMED
    record = firewall.record("e", "ios_build", {"device": "iPad", "os": "17.2"})
    assert record is not None
    with pytest.raises(Contradicted):
        await firewall.confirm(record.id, by="alice")
    assert (await firewall.confirm(record.id, by="alice", action=Decision.WARN)).action is Decision.WARN


async def test_a_confirmed_rule_cannot_become_broad_by_the_way() -> None:
    """A change to what blocks is held against the same bound."""
    firewall = firewall_with()
    rule = await firewall.propose("x", [condition("operation", "x")], by="alice", action=Decision.WARN)
    await firewall.confirm(rule.id, by="alice")
    with pytest.raises(TooBroad):
        await firewall.suggest(rule.id, by="alice", action=Decision.BLOCK)


async def test_occurrences_and_evidence_survive_a_change() -> None:
    """They are counted by the store alone."""
    firewall = await blocking()
    entry = firewall.index.entries()[0]
    firewall.record(record_of().message, "ios_build", BAD, error_type="DeviceNotFound")
    changed = await firewall.suggest(entry.id, by="alice", solution=Solution("other", GOOD))
    assert getattr(changed, "occurrences", 0) == 2
    assert replace(changed, version=0).status is Status.CONFIRMED
