"""What may block."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from integrations.error_firewall.model import Decision, Predicate
from integrations.error_firewall.specificity import TooBroad, points, require_specific
from tests.firewall_kit import BAD, condition, record_of, rule_of

BROAD = [
    [condition("operation", "build")],
    [condition("action", "deploy-everything")],
    [condition("device", "default")],
    [condition("device", "")],
    [condition("enabled", True)],
    [condition("count", 0)],
    [condition("platform", "ios"), condition("configuration", "Debug")],
    [condition("os", ">=10", "version")],
    [condition("size", [0, 100], "range")],
    [condition("size", [None, None], "range"), condition("os", "17.0")],
    [condition("device", ".*", "regex"), condition("os", ">=1", "version")],
    [condition("device", "a|b|.", "regex"), condition("os", "1", "version")],
    [condition("context.branch", "feature-7")],
    [condition("device", ["iPhone 15", "default"], "one_of")],
]
SPECIFIC = [
    [condition("device", "iPhone 15")],
    [condition("package", "request")],
    [condition("device", ["iPhone 14", "iPhone 15"], "one_of")],
    [condition("device", "^iPhone 1[0-5]$", "regex"), condition("os", "<17.2", "version")],
    [condition("memory_gb", [None, 4], "range"), condition("os", "<17.2", "version")],
    [condition("operation", "build"), condition("device", "iPhone 15")],
]


@pytest.mark.parametrize("predicates", BROAD)
def test_a_rule_about_nothing_in_particular_may_not_block(predicates: list[Predicate]) -> None:
    """A single generic key, above all. The error says what it has and what to do."""
    with pytest.raises(TooBroad, match=r"rule-1: expected conditions .* came only .*Add a condition .*warn instead"):
        require_specific(rule_of(*predicates))


@pytest.mark.parametrize("predicates", BROAD)
def test_it_may_warn(predicates: list[Predicate]) -> None:
    """A warning stops nothing."""
    require_specific(rule_of(*predicates, action=Decision.WARN))


@pytest.mark.parametrize("predicates", SPECIFIC)
def test_a_rule_about_something_may_block(predicates: list[Predicate]) -> None:
    """One equality on a telling parameter, or two weaker conditions."""
    require_specific(rule_of(*predicates))
    assert sum(map(points, predicates)) >= 2


@pytest.mark.parametrize("params", [{}, {"operation": "build"}, {"mode": "x", "debug": True}, {"device": "latest"}])
def test_a_record_needs_a_telling_parameter(params: dict[str, Any]) -> None:
    """Without one it would stop every call of the operation."""
    record = record_of(params=params)
    with pytest.raises(TooBroad, match="expected a parameter that tells this call from other calls of 'ios_build'"):
        require_specific(record)
    require_specific(replace(record, action=Decision.WARN))
    require_specific(record_of(params=BAD))


def test_a_record_with_secrets_may_not_block() -> None:
    """A login that failed with one password says nothing about another."""
    with pytest.raises(TooBroad, match="some are secret or have no stable form"):
        require_specific(record_of("login", {"account": "bob-7", "password": "x"}))
