"""Findings, their names on the wire, and how they are known again."""

from __future__ import annotations

import pytest

from integrations.code_analysis.finding import (
    MESSAGE_MAX,
    Finding,
    counted,
    fingerprinted,
    make_finding,
    packed,
    shortened,
    shown,
    unpacked,
)


def found(line: int, message: str = "bad", rule: str = "R1", path: str = "a.py") -> Finding:
    return make_finding("ruff", rule, "warning", path, line, 1, message)


def marks(text: str, *findings: Finding) -> list[str]:
    return [finding.fingerprint for finding in fingerprinted(findings, text)]


def test_a_fingerprint_outlives_lines_above() -> None:
    """What is inserted before a finding, and how far it is indented, changes nothing."""
    assert marks("x = 1\nbad()\n", found(2)) == marks("import os\n\nx = 1\n    bad()\n", found(4))


def test_a_fingerprint_changes_with_its_line() -> None:
    """Another text at the same place is another finding; so is another rule, file or linter."""
    first = marks("bad()\n", found(1))
    assert first != marks("worse()\n", found(1))
    assert first != marks("bad()\n", found(1, rule="R2"))
    assert first != marks("bad()\n", found(1, path="b.py"))


def test_numbers_in_a_message_do_not_count() -> None:
    """A complexity that grows from 12 to 13 is the same complaint."""
    assert marks("def f():\n", found(1, "complexity 12")) == marks("def f():\n", found(1, "complexity 13"))


def test_equal_findings_are_told_apart_by_their_order() -> None:
    """Three times the same line are three findings; without the last, two are unchanged."""
    three = marks("bad()\nbad()\nbad()\n", found(1), found(2), found(3))
    assert len(set(three)) == 3
    assert marks("bad()\nbad()\n", found(2), found(1)) == three[:2]


@pytest.mark.parametrize("line", [0, 99])
def test_a_finding_without_a_line_has_a_fingerprint(line: int) -> None:
    """Of the file as a whole, or past its end."""
    assert len(marks("", found(line))[0]) == 24


def test_names_are_shown_with_escapes() -> None:
    """Line feeds, marks of direction and broken UTF-8 in a file's name; letters of any language stay."""
    assert shown("größe\n\u202e\udcff.py") == "größe\\n\\u202e\\udcff.py"
    assert shown("-rf file.py") == "-rf file.py"


def test_messages_are_one_bounded_line() -> None:
    """Linters quote source lines of any length."""
    finding = found(1, "a\n  b\x00" + "c" * 9999)
    assert finding.message.startswith("a b\\x00ccc")
    assert len(finding.message) == MESSAGE_MAX
    assert shortened("", 10) == "(no text)"


@pytest.mark.parametrize("value", [None, -5, "7", 1.5])
def test_a_place_that_is_none_is_the_file(value: object) -> None:
    """Tools print null, or nothing."""
    assert make_finding("t", "r", "info", "p", value, value, "m").line == 0


def test_findings_are_counted_by_severity() -> None:
    """All severities are there."""
    assert counted([found(1), found(2)]) == {"error": 0, "warning": 2, "info": 0}


def test_what_is_packed_is_unpacked() -> None:
    """As JSON, without linter and path."""
    before = fingerprinted([found(1), found(2)], "a\nb")
    assert unpacked(packed(before), "ruff", "a.py") == before


@pytest.mark.parametrize("rows", [5, [5], [[1]], [["r", "worst", 1, 1, "m", "f"]], None])
def test_what_is_none_is_refused(rows: object) -> None:
    """A store may hold what another version wrote."""
    with pytest.raises(ValueError, match=r"expected|unpack"):
        unpacked(rows, "ruff", "a.py")
