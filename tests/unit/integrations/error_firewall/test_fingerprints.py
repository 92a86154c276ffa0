"""Identities of calls and errors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.error_firewall import guard
from integrations.error_firewall.fingerprints import (
    call_fingerprint,
    fingerprints,
    frames_of,
    in_app,
    record_id,
    rule_id,
    slug,
    stable,
)
from tests.firewall_kit import BAD, MISSING


def test_a_call_is_its_operation_and_parameters() -> None:
    """Their order doesn't matter; any value does."""
    call = call_fingerprint("ios_build", BAD)
    assert call_fingerprint("ios_build", dict(reversed(BAD.items()))) == call
    for name in BAD:
        assert call_fingerprint("ios_build", {**BAD, name: "other"}) != call
    assert call_fingerprint("android_build", BAD) != call
    assert call_fingerprint("ios_build", {**BAD, "scheme": "App"}) != call


@pytest.mark.parametrize(("one", "other"), [(17.2, 17.0), (1, "1"), (1, True), (None, "null"), ("a", "A"), ("a ", "a")])
def test_values_that_differ_are_different_calls(one: Any, other: Any) -> None:
    """The exact level doesn't normalise: precision first."""
    assert call_fingerprint("x", {"p": one}) != call_fingerprint("x", {"p": other})


def test_the_algorithm_is_fixed() -> None:
    """Stored fingerprints stay valid: whoever changes this raises `ALGORITHM` as well."""
    assert call_fingerprint("ios_build", BAD) == "b35e13cc453699feec5af7233a243283"


def test_what_differs_with_every_call_does_not_count() -> None:
    """Such as request ids; which names, is an option."""
    assert stable({**BAD, "request_id": "r1", "Timestamp": 5}) == BAD
    assert stable({"a": 1, "b": 2}, frozenset({"b"})) == {"a": 1}


def test_a_family_is_the_same_fault_elsewhere() -> None:
    """Other parameters, another message text: the exact level differs, the family doesn't."""
    one = fingerprints("ios_build", BAD, "DeviceNotFound", MISSING, ("build.py:run",))
    other = fingerprints(
        "ios_build", {"device": "iPad"}, "DeviceNotFound", MISSING.replace("17.0", "16.4"), ("build.py:run",)
    )
    assert one.family == other.family
    assert one.call != other.call
    assert one.exact != other.exact
    for changed in (
        fingerprints("ios_build", BAD, "Timeout", MISSING, ("build.py:run",)),
        fingerprints("ios_build", BAD, "DeviceNotFound", "out of memory", ("build.py:run",)),
        fingerprints("ios_build", BAD, "DeviceNotFound", MISSING, ("test.py:run",)),
    ):
        assert changed.family != one.family


def test_ids_can_be_read() -> None:
    """A slug that says what it is, and a hash that tells it from others; the same in every process."""
    exact = fingerprints("ios_build", BAD, "app.DeviceNotFound", MISSING, ()).exact
    assert re.fullmatch(r"ios-build-devicenotfound-[0-9a-f]{10}", record_id("ios_build", "app.DeviceNotFound", exact))
    assert re.fullmatch(r"rule-ios-build-[0-9a-f]{10}", rule_id("ios_build", ["x"]))
    assert slug("GET /orders/{number}") == "get-orders-number"
    assert slug("构建") == "x"
    assert len(slug("word " * 100)) <= 40


def _fails() -> None:
    raise KeyError("x")


def test_frames_are_the_programs_own_innermost_first() -> None:
    """Without line numbers and folders, so that they are the same on every machine."""
    with pytest.raises(KeyError) as caught:
        _fails()
    frames = frames_of(caught.value)
    assert frames[:2] == (
        f"{Path(__file__).name}:_fails",
        f"{Path(__file__).name}:test_frames_are_the_programs_own_innermost_first",
    )
    assert frames_of(caught.value, most=1) == frames[:1]
    assert frames_of(caught.value, is_own=lambda file: False) == ()
    assert frames_of(ValueError("never raised")) == ()


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("/srv/app/build.py", True),
        ("/srv/.venv/lib/python3.11/site-packages/aiohttp/web.py", False),
        ("/usr/lib/python3.11/json/decoder.py", False),
        ("<frozen importlib._bootstrap>", False),
        ("C:\\venv\\Lib\\site-packages\\x.py", False),
        (guard.__file__, False),
    ],
)
def test_libraries_are_not_the_program(file: str, expected: bool) -> None:
    """A frame in one says little about whose fault it is."""
    assert in_app(file) is expected


@given(
    st.dictionaries(st.text(), st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text().filter(str.isascii))
)
def test_equal_parameters_give_equal_fingerprints(params: dict[str, Any]) -> None:
    """In any order of keys."""
    assert call_fingerprint("x", params) == call_fingerprint("x", dict(sorted(params.items(), reverse=True)))
