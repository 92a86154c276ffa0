"""What requests carry."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hub.http.api.firewall import bodies
from integrations.error_firewall.model import Decision, FailMode, Predicate, PredicateKind, Requirement, Solution

CALL: dict[str, Any] = {"operation": "build"}
RULE: dict[str, Any] = CALL | {"error_type": "E", "predicates": [{"kind": "equals", "field": "n", "argument": 1}]}


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        (bodies.CheckBody, {}),
        (bodies.CheckBody, {"operation": "x" * 201}),
        (bodies.CheckBody, CALL | {"params": "text"}),
        (bodies.CheckBody, CALL | {"actor": "somebody else"}),
        (bodies.OverrideBody, CALL),
        (bodies.ReportBody, CALL),
        (bodies.ReportBody, CALL | {"error_type": "E", "message": "x" * 100_001}),
        (bodies.OutcomeBody, {"kind": "overridden"}),
        (bodies.RuleBody, RULE | {"predicates": []}),
        (bodies.RuleBody, RULE | {"action": "allow"}),
        (bodies.RuleBody, RULE | {"seconds": 0}),
        (bodies.RuleBody, RULE | {"requirement": {"resource": "r", "fields": {}}}),
        (bodies.ResourceBody, {"items": [1]}),
        (bodies.ResourceBody, {"items": [], "covers": {"build": {}}}),
    ],
)
def test_what_is_wrong_is_refused(model: type[bodies.CheckBody], wrong: dict[str, Any]) -> None:
    """Before anything happens; nobody says who he is, the token does."""
    with pytest.raises(ValidationError):
        model.model_validate(wrong)


def test_a_rule_is_what_the_firewall_takes() -> None:
    """Its parts are the domain's."""
    body = bodies.RuleBody.model_validate(
        RULE
        | {
            "solution": {"text": "t", "params": {"n": 2}},
            "requirement": {"resource": "r", "fields": {"a": "params.n"}},
            "fail_mode": "closed",
            "action": "warn",
            "seconds": 5,
        }
    )
    assert body.predicates[0].predicate == Predicate(PredicateKind.EQUALS, "n", 1)
    assert body.solution is not None
    assert body.solution.solution == Solution("t", {"n": 2})
    assert body.requirement is not None
    assert body.requirement.requirement == Requirement("r", {"a": "params.n"})
    assert (body.mode, body.what_it_says, body.seconds) == (FailMode.CLOSED, Decision.WARN, 5)


def test_a_change_changes_what_it_names() -> None:
    """Null takes a value away; what is absent stays."""
    assert bodies.RuleChangeBody.model_validate({"reason": "x"}).changes(10.0) == {}
    given = {"solution": None, "seconds": 5, "action": "warn", "fail_mode": "open", "requirement": None}
    assert bodies.RuleChangeBody.model_validate(given).changes(10.0) == {
        "solution": None,
        "expires_at": 15.0,
        "action": Decision.WARN,
        "fail_mode": FailMode.OPEN,
        "requirement": None,
    }
    assert bodies.RuleChangeBody.model_validate({"seconds": None}).changes(10.0) == {"expires_at": None}
