"""Why a verdict is what it is, for people."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.error_firewall.matching import Finding
from integrations.error_firewall.model import Decision, Entry, MatchKind, Predicate, Status
from integrations.error_firewall.wording import condition as words
from integrations.error_firewall.wording import why
from tests.firewall_kit import condition, record_of, rule_of

RULE = rule_of(condition("params.device", "iPhone 15"), title="No such simulator", changed_by="alice")


def said(entry: Entry | None, kind: MatchKind | None, **options: Any) -> str:
    finding = Finding(Decision.BLOCK if entry else Decision.ALLOW, entry, kind, options.pop("score", 1.0))
    finding.ended = options.pop("ended", [])
    defaults: dict[str, Any] = {"problems": [], "dry_run": False, "overridden": None}
    return why(finding, **{**defaults, **options})


@pytest.mark.parametrize(
    ("entry", "kind", "options", "expected"),
    [
        (None, None, {}, "Nothing is known against it."),
        (None, None, {"ended": ["r-1"]}, "r-1 no longer applies: the environment has what it missed."),
        (
            record_of(message="no device", status=Status.OBSERVED),
            MatchKind.EXACT,
            {},
            "The same call failed once with DeviceNotFound: no device. Nobody has confirmed that it always does.",
        ),
        (
            record_of(message="", occurrences=3, status=Status.SUGGESTED),
            MatchKind.EXACT,
            {},
            "The same call failed 3 times with DeviceNotFound. Not confirmed yet.",
        ),
        (RULE, MatchKind.RULE, {}, "No such simulator: device is iPhone 15. Confirmed by alice."),
        (
            record_of(),
            MatchKind.SIMILAR,
            {"score": 0.934},
            "It looks like a call that failed with DeviceNotFound (similarity 0.93).",
        ),
        (
            RULE,
            MatchKind.RULE,
            {"dry_run": True},
            "Would be blocked, but this is a dry run. No such simulator: device is iPhone 15. Confirmed by alice.",
        ),
        (
            RULE,
            MatchKind.RULE,
            {"overridden": "it is there"},
            "Overridden (it is there). No such simulator: device is iPhone 15. Confirmed by alice.",
        ),
        (None, None, {"problems": ["a", "b"]}, "Nothing is known against it. Degraded: a; b."),
    ],
)
def test_reasons(entry: Entry | None, kind: MatchKind | None, options: dict[str, Any], expected: str) -> None:
    """Whole sentences."""
    assert said(entry, kind, **options) == expected


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        (condition("params.os", "17.0"), "os is 17.0"),
        (condition("os", ["a", "b"], "one_of"), "os is one of a, b"),
        (condition("size", [4, None], "range"), "size is between 4 and any"),
        (condition("size", [None, 4], "range"), "size is between any and 4"),
        (condition("os", ">=17", "version"), "os is version >=17"),
        (condition("context.user", "^b", "regex"), "context.user matches ^b"),
    ],
)
def test_conditions(predicate: Predicate, expected: str) -> None:
    """As a person would say them."""
    assert words(predicate) == expected


def test_reasons_are_bounded() -> None:
    """Whatever the error's text and the rule's conditions."""
    assert len(said(record_of(message="x" * 100_000), MatchKind.EXACT)) < 500
    many = rule_of(*[condition("device", "x" * 10_000)] * 20)
    assert len(said(many, MatchKind.RULE)) < 1_000
