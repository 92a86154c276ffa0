"""From what the firewall knows to what the API answers."""

from __future__ import annotations

import json

from hub.http.api.answers import encode_answer
from hub.http.api.firewall.translation import (
    audited_answer,
    outcome_answer,
    record_answer,
    resource_answer,
    rule_answer,
    verdict_answer,
)
from integrations.error_firewall.model import (
    Audited,
    Confidence,
    Decision,
    Evidence,
    FailMode,
    Match,
    MatchKind,
    Outcome,
    OutcomeKind,
    Predicate,
    PredicateKind,
    Requirement,
    Solution,
    Status,
    Verdict,
)
from integrations.error_firewall.postgres import Resource
from tests.contract.firewall_worlds import audited, record, rule


def test_what_is_not_known_is_absent() -> None:
    """Not null: clients may rely on that everywhere."""
    answer = json.loads(encode_answer(verdict_answer(Verdict("c", "o", Decision.ALLOW, "nothing is known"))))
    assert set(answer) == {"check_id", "operation", "decision", "why", "ms", "degraded", "would_block", "overridden"}
    assert not {"solution", "requirement", "expires_at"} & set(json.loads(encode_answer(record_answer(record()))))


def test_a_verdict_is_told_whole() -> None:
    """With match, solution and confidence."""
    match = Match(MatchKind.SIMILAR, "e", "e", "E", Status.OBSERVED, 1.0000001)
    verdict = Verdict("c", "o", Decision.WARN, "w", match, Solution("s", {"a": 1}), Confidence(0.5, 0, 0, 0, 1), "r")
    answer = json.loads(encode_answer(verdict_answer(verdict)))
    assert answer["match"] | {"score": 1.0} == {
        "kind": "similar",
        "entry_id": "e",
        "error_id": "e",
        "error_type": "E",
        "status": "observed",
        "score": 1.0,
    }
    assert answer["match"]["score"] <= 1
    assert answer["solution"] == {"text": "s", "params": {"a": 1}}
    assert answer["confidence"] == {"value": 0.5, "successes": 0, "failures": 0, "low": 0, "high": 1}


def test_a_record_is_told_with_its_confidence() -> None:
    """Which follows from the outcomes, and times in UTC."""
    answer = record_answer(
        record(
            evidence=Evidence(worked=2),
            requirement=Requirement("r", {"a": "b"}),
            fail_mode=FailMode.CLOSED,
            expires_at=0.5,
            frames=("a:b",),
        )
    )
    assert (answer.confidence.value, answer.confidence.successes) == (0.75, 2)
    assert answer.expires_at == "1970-01-01T00:00:00.500000Z"
    assert (answer.fail_mode, answer.frames) == ("closed", ["a:b"])
    assert answer.requirement is not None
    assert answer.requirement.fields == {"a": "b"}


def test_a_rule_is_told_with_its_conditions() -> None:
    """In their order."""
    predicates = (Predicate(PredicateKind.RANGE, "n", [None, 5]), Predicate(PredicateKind.EQUALS, "a", "b", True))
    answer = rule_answer(rule(predicates=predicates, record_ids=("r",), title="t"))
    assert [one.argument for one in answer.predicates] == [[None, 5], "b"]
    assert (answer.record_ids, answer.title) == (["r"], "t")


def test_the_books_are_told() -> None:
    """With who and when."""
    told = audited_answer(Audited(0.0, audited("c").verdict, {"p": 1}, {"c": 2}, "alice", "n-1"))
    assert (told.at, told.actor, told.node, told.params) == ("1970-01-01T00:00:00.000000Z", "alice", "n-1", {"p": 1})
    outcome = outcome_answer(Outcome(0.0, "e", OutcomeKind.WORKED, reason="because"))
    assert (outcome.kind, outcome.reason, outcome.actor) == ("worked", "because", None)
    resource = resource_answer(Resource("r", [{"a": 1}], {"o": {"a": "b"}}, 0.0, "ci"))
    assert (resource.items, resource.covers, resource.changed_by) == ([{"a": 1}], {"o": {"a": "b"}}, "ci")
