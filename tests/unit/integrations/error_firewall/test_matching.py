"""Finding what is known about a call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.error_firewall.call import make_call
from integrations.error_firewall.environment import Environment
from integrations.error_firewall.knowledge import Knowledge
from integrations.error_firewall.matching import Finding, Matcher, is_active
from integrations.error_firewall.model import Decision, Entry, Evidence, FailMode, MatchKind, Requirement, Status
from integrations.error_firewall.similarity import Similarity, Vector, guard, lexical
from tests.firewall_kit import BAD, GOOD, SOLUTION, condition, record_of, rule_of

NOW = 1_000.0


def find(
    *entries: Entry, params: dict[str, Any] | None = None, environment: Environment | None = None, **options: Any
) -> Finding:
    knowledge = Knowledge(Similarity())
    for entry in entries:
        knowledge.put(entry)
    mode = options.pop("fail_mode", FailMode.OPEN)
    matcher = Matcher(knowledge, environment or Environment(), mode, **options)
    return matcher.find(make_call("ios_build", BAD if params is None else params), NOW)


@pytest.mark.parametrize(
    ("status", "decision"),
    [
        (Status.OBSERVED, Decision.WARN),
        (Status.SUGGESTED, Decision.WARN),
        (Status.CONFIRMED, Decision.BLOCK),
        (Status.RETIRED, Decision.ALLOW),
    ],
)
def test_what_each_stage_says(status: Status, decision: Decision) -> None:
    """Records and rules alike: only what is confirmed blocks."""
    assert find(record_of(status=status)).decision is decision
    assert find(rule_of(condition("device", "iPhone 15"), status=status)).decision is decision


def test_exact_comes_before_rules_and_rules_before_likeness() -> None:
    """The strongest wins; among equals the more exact one."""
    record, rule = record_of(status=Status.CONFIRMED), rule_of(condition("device", "iPhone 15"))
    like = record_of(params={"device": "IPHONE 15", "os": "17.0"}, status=Status.CONFIRMED)
    assert find(record, rule, like).kind is MatchKind.EXACT
    assert find(replace(record, status=Status.OBSERVED), rule, like).kind is MatchKind.RULE
    assert find(like).kind is MatchKind.SIMILAR


def test_likeness_only_warns() -> None:
    """Also to what is confirmed; the score says how alike."""
    finding = find(record_of(params={"device": "IPHONE 15", "os": "17.0"}, status=Status.CONFIRMED))
    assert finding.decision is Decision.WARN
    assert 0.9 <= finding.score <= 1.0


def test_a_solution_is_never_warned_about() -> None:
    """However much it looks like the error that it solves."""
    record = record_of(
        params={"device": "iPhone", "os": "new"}, solution=replace(SOLUTION, params={"device": "IPHONE"})
    )
    assert find(record, params={"device": "IPHONE", "os": "new"}).decision is Decision.ALLOW
    assert find(record, params=GOOD).decision is Decision.ALLOW


def test_a_confirmed_entry_may_only_warn() -> None:
    """By its action."""
    assert find(record_of(status=Status.CONFIRMED, action=Decision.WARN)).decision is Decision.WARN


def test_an_exact_match_of_what_was_replaced_only_warns() -> None:
    """Two passwords look the same here."""
    secret = {"account": "bob-7", "password": "one"}
    record = record_of(params=secret, status=Status.CONFIRMED)
    assert find(record, params={**secret, "password": "two"}).decision is Decision.WARN


def test_what_expired_says_nothing() -> None:
    """From that second on."""
    record = record_of(status=Status.CONFIRMED, expires_at=NOW + 1)
    assert find(record).decision is Decision.BLOCK
    assert find(replace(record, expires_at=NOW)).decision is Decision.ALLOW
    assert not is_active(replace(record, expires_at=NOW), NOW)


def test_what_was_only_observed_is_forgotten() -> None:
    """After a time without another sighting; what is confirmed isn't."""
    record = record_of(last_seen=NOW - 100)
    assert find(record, observed_for=101).decision is Decision.WARN
    assert find(record, observed_for=100).decision is Decision.ALLOW
    assert find(replace(record, status=Status.CONFIRMED), observed_for=100).decision is Decision.BLOCK


def test_a_warning_that_was_wrong_too_often_falls_silent() -> None:
    """An error that came once and never again, such as a network that was away."""
    record = record_of(evidence=Evidence(false_blocks=3))
    assert find(record).decision is Decision.ALLOW
    assert find(replace(record, evidence=Evidence(false_blocks=1))).decision is Decision.WARN


@pytest.mark.parametrize(("mode", "decision"), [(FailMode.OPEN, Decision.WARN), (FailMode.CLOSED, Decision.BLOCK)])
@pytest.mark.parametrize("own", [True, False])
def test_a_rule_that_cannot_be_evaluated_follows_the_fail_mode(mode: FailMode, decision: Decision, own: bool) -> None:
    """Its own, or the firewall's; never silently."""
    broken = rule_of(condition("device", "(", "regex"), fail_mode=mode if own else None)
    finding = find(broken, fail_mode=FailMode.OPEN if own else mode)
    assert finding.decision is decision
    assert "can't be evaluated" in finding.problems[0]


@pytest.mark.parametrize(("mode", "decision"), [(FailMode.OPEN, Decision.WARN), (FailMode.CLOSED, Decision.BLOCK)])
def test_an_unknown_environment_follows_the_fail_mode(mode: FailMode, decision: Decision) -> None:
    """Whether a block still makes sense isn't known then."""
    requirement = Requirement("simulators", {"name": "params.device"})
    finding = find(record_of(status=Status.CONFIRMED, requirement=requirement), fail_mode=mode)
    assert finding.decision is decision
    assert "'simulators' is not registered here" in finding.problems[0]
    assert find(record_of(requirement=requirement), fail_mode=FailMode.CLOSED).decision is Decision.WARN


def test_what_the_environment_has_ends_a_block() -> None:
    """And likeness to it, too."""
    environment = Environment()
    environment.register("simulators", lambda: [{"name": "iPhone 15"}])
    record = record_of(status=Status.CONFIRMED, requirement=Requirement("simulators", {"name": "params.device"}))
    assert find(record, environment=environment).stale == {"simulators"}
    environment.refresh("simulators")
    finding = find(record, environment=environment)
    assert (finding.decision, finding.ended, finding.stale) == (Decision.ALLOW, [record.id], set())


VALUES = st.sampled_from(["iPhone 15", "iPhone 15 Pro", "iphone 15", "17.0", "17.2", "", 17, None, True])
PARAMS = st.dictionaries(st.sampled_from(["device", "os", "scheme", "password"]), VALUES, max_size=4)


@given(
    recorded=st.lists(st.tuples(PARAMS, st.sampled_from(Status)), max_size=6),
    ruled=st.lists(st.tuples(st.sampled_from(["device", "os"]), VALUES, st.sampled_from(Status)), max_size=4),
    params=PARAMS,
)
def test_only_what_is_confirmed_and_exact_blocks(
    recorded: list[tuple[dict[str, Any], Status]], ruled: list[tuple[str, Any, Status]], params: dict[str, Any]
) -> None:
    """Whatever is known, and whatever is asked."""
    records = [record_of(params=given, status=status) for given, status in recorded]
    rules = [
        rule_of(condition(field, value), id=f"rule-{number}", status=status)
        for number, (field, value, status) in enumerate(ruled)
    ]
    finding = find(*records, *rules, params=params)
    if finding.decision is Decision.BLOCK:
        assert finding.entry is not None
        assert finding.entry.status is Status.CONFIRMED
        assert finding.kind in (MatchKind.EXACT, MatchKind.RULE)
        if finding.kind is MatchKind.EXACT:
            assert finding.entry in [record_of(params=params, status=Status.CONFIRMED)]


def test_an_embedder_that_fails_is_told_and_stops_nobody() -> None:
    """Its answer would only have warned."""

    def embed(text: str) -> Vector:
        raise ConnectionError("the model is away")

    knowledge = Knowledge(Similarity(embed=embed))
    knowledge.put(record_of())
    assert knowledge.failures == 1
    knowledge.similarity._buckets[guard(make_call("ios_build", {"device": "x"}))] = {"r": lexical(make_call("x", BAD))}
    matcher = Matcher(knowledge, Environment(), FailMode.CLOSED)
    finding = matcher.find(make_call("ios_build", {"device": "x"}), NOW)
    assert (finding.decision, finding.problems) == (Decision.ALLOW, ["likeness can't be judged (ConnectionError)"])
    assert matcher.find(make_call("ios_build", BAD), NOW).decision is Decision.WARN
