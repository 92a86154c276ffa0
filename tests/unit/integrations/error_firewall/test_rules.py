"""Rules made ready to be asked."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.error_firewall.call import make_call
from integrations.error_firewall.rules import CompiledRule, InvalidRule, compile_predicate, compile_rule
from tests.firewall_kit import BAD, condition, rule_of


def holds(field: str, argument: Any, params: dict[str, Any], kind: str = "equals", **fields: Any) -> bool:
    predicate = compile_predicate(condition(field, argument, kind, **fields))
    return predicate.holds(make_call("x", params, {"branch": "main"}))


@pytest.mark.parametrize(
    ("kind", "argument", "value", "expected"),
    [
        ("equals", "17.0", "17.0", True),
        ("equals", "17.0", "17.2", False),
        ("equals", 17, 17.0, True),
        ("equals", 17, "17", False),
        ("equals", 1, True, False),
        ("equals", None, None, True),
        ("equals", "a", "A", False),
        ("one_of", ["17.0", "17.1"], "17.1", True),
        ("one_of", ["17.0", "17.1"], "17.2", False),
        ("one_of", [1, "1"], True, False),
        ("range", [4, 8], 4, True),
        ("range", [4, 8], 8, True),
        ("range", [4, 8], 8.1, False),
        ("range", [None, 8], -1, True),
        ("range", [4, None], 10**9, True),
        ("range", [4, 8], "5", False),
        ("range", [0, 1], True, False),
        ("version", ">=17,<17.2", "17.1", True),
        ("version", ">=17,<17.2", "iOS 17.2", False),
        ("version", ">=17", 17.2, True),
        ("version", ">=17", True, False),
        ("version", ">=17", "latest", False),
        ("regex", "^iPhone 1[0-5]$", "iPhone 15", True),
        ("regex", "^iPhone 1[0-5]$", "iPhone 15 Pro", False),
        ("regex", "15", "iPhone 15 Pro", True),
        ("regex", "15", 15, False),
    ],
)
def test_what_each_kind_asks(kind: str, argument: Any, value: Any, expected: bool) -> None:
    """Types are never converted: `"5"` is no number, and `true` isn't 1."""
    assert holds("params.value", argument, {"value": value}, kind) is expected


@pytest.mark.parametrize("kind", ["equals", "one_of", "regex"])
def test_case_is_ignored_where_that_is_asked_for(kind: str) -> None:
    """By condition; the default is to tell `Debug` from `debug`."""
    argument = ["IPHONE 15"] if kind == "one_of" else "IPHONE 15"
    assert not holds("device", argument, BAD, kind)
    assert holds("device", argument, BAD, kind, ignore_case=True)


def test_fields_are_paths() -> None:
    """Into parameters (the default) and context, at any depth. What is absent, a mapping or a list equals nothing."""
    params = {"device": "iPhone 15", "target": {"os": "17.0", "tags": ["a"]}}
    assert holds("device", "iPhone 15", params)
    assert holds("params.target.os", "17.0", params)
    assert holds("context.branch", "main", params)
    for path in ("params.target", "params.target.tags", "params.none", "device.name", "context.device"):
        assert not holds(path, "17.0", params)
        assert not holds(path, ".*", params, "regex")
        assert not holds(path, None, params)


def test_a_secret_is_never_compared() -> None:
    """The marker in its place would make all of them equal."""
    assert not holds("password", "[secret]", {"password": "x"})
    assert not holds("password", ".*", {"password": "x"}, "regex")


def test_all_conditions_must_hold() -> None:
    """One that doesn't is enough to let the call pass."""
    rule = compile_rule(rule_of(condition("device", "iPhone 15"), condition("os", "<17.2", "version")))
    assert rule.holds(make_call("ios_build", BAD))
    assert not rule.holds(make_call("ios_build", {**BAD, "os": "17.2"}))
    assert not rule.holds(make_call("ios_build", {**BAD, "device": "iPhone 15 Pro"}))


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(.*)*x", "(a{1,50}){1,20}b"])
def test_no_pattern_takes_long(pattern: str) -> None:
    """Those that are catastrophic elsewhere are linear here."""
    predicate = compile_predicate(condition("value", pattern, "regex"))
    call = make_call("x", {"value": "a" * 1_990 + "!"})
    started = time.thread_time()
    assert not predicate.holds(call)
    assert time.thread_time() - started < 0.2


@pytest.mark.parametrize(
    ("kind", "argument", "words"),
    [
        ("equals", ["a"], "expected text, a number, true, false or null; came a list"),
        ("one_of", "abc", "expected a list of 1 to 1000 values; came 'abc'"),
        ("one_of", [], "expected a list of 1 to 1000 values"),
        ("one_of", ["x"] * 1_001, "expected a list of 1 to 1000 values"),
        ("range", [1], r"expected \[low, high\]"),
        ("range", [2, 1], "expected low not above high"),
        ("range", ["1", 2], r"expected \[low, high\]"),
        ("range", [float("nan"), 2], r"expected \[low, high\]"),
        ("version", "newest", "expected a version constraint"),
        ("version", 17, "expected a version constraint"),
        ("regex", "(", "without look-around"),
        ("regex", r"(a)\1", "backreferences are not supported"),
        ("regex", "(?=a)", "look-around"),
        ("regex", "((a{1000}){1000}){1000}", "size limit"),
        ("regex", "", "expected a pattern of 1 to 500 characters"),
        ("regex", "a" * 501, "expected a pattern of 1 to 500 characters"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused(kind: str, argument: Any, words: str) -> None:
    """When the rule is made, naming the field."""
    with pytest.raises(InvalidRule, match=rf"^params\.value: .*{words}"):
        compile_predicate(condition("params.value", argument, kind))


@pytest.mark.parametrize("field", ["", "params.", ".x", "params..x"])
def test_a_field_is_a_path(field: str) -> None:
    """An empty part is a misspelling, and would match nothing for ever."""
    with pytest.raises(InvalidRule, match=r"expected a dotted path such as params\.device"):
        compile_predicate(condition(field, 1))


def test_a_rule_has_some_conditions() -> None:
    """None would match everything; hundreds would take long."""
    for predicates in ([], [condition("a", 1)] * 21):
        with pytest.raises(InvalidRule, match="expected 1 to 20 conditions"):
            compile_rule(rule_of(*predicates))


def test_a_broken_rule_says_so_when_it_is_asked() -> None:
    """It doesn't hold silently, nor fail to hold silently."""
    with pytest.raises(InvalidRule, match="no good"):
        CompiledRule(rule_of(condition("a", 1)), (), "no good").holds(make_call("x"))


@given(st.text(max_size=50), st.text(max_size=100))
def test_any_pattern_is_read_or_refused(pattern: str, text: str) -> None:
    """And then asked of any text without an error."""
    try:
        predicate = compile_predicate(condition("v", pattern, "regex"))
    except InvalidRule:
        return
    assert predicate.holds(make_call("x", {"v": text})) in (True, False)
