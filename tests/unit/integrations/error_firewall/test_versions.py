"""Version constraints on whatever calls itself a version."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.error_firewall.versions import InvalidConstraint, parse_constraint, parse_version, satisfies


@pytest.mark.parametrize(
    ("version", "constraint", "expected"),
    [
        ("17.0", "17.0", True),
        ("17.0", "==17", True),
        ("17.2", "17.0", False),
        ("17.0.1", "==17.0.*", True),
        ("17.1", ">=17,<17.2", True),
        ("17.2", ">=17,<17.2", False),
        ("iOS 17.0", "17.0", True),
        ("v1.2.3", ">=1.2", True),
        ("1.2.3-rc.1+build7", ">=1.2.2,<1.2.4", True),
        ("1.2.3-rc.1", ">=1.2.3", False),
        ("1.2.3-rc.1", "<1.2.3", False),  # as PEP 440 has it: a release candidate isn't before its release
        ("18.04.3-ubuntu1", ">=18", True),
        ("17.0 (21A5277h)", "17.0", True),
        (17.2, "<17.3", True),
        (17, "==17", True),
        ("10.9", "<10.10", True),
        ("latest", ">=0", False),
        ("", ">=0", False),
        ("x" * 1_000, ">=0", False),
    ],
)
def test_versions_as_people_write_them(version: str | float, constraint: str, expected: bool) -> None:
    """By number, not by text; what is no version fulfils nothing."""
    assert satisfies(version, constraint) is expected


@pytest.mark.parametrize("text", ["", "newest", ">=", "1 or 2", ">" * 1_000])
def test_a_constraint_that_cannot_be_read_is_refused(text: str) -> None:
    """When the rule is made, and with an example."""
    with pytest.raises(InvalidConstraint, match="expected a version constraint such as"):
        parse_constraint(text)


@given(st.text())
def test_any_text_is_a_version_or_none(text: str) -> None:
    """Never an error: parameters come from anywhere."""
    parse_version(text)
    satisfies(text, ">=1")
