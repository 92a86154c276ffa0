"""Exit codes, and their table in the documentation."""

from __future__ import annotations

import re
from pathlib import Path

from hub.cli.exits import Exit, Failure

PAGE = Path(__file__).parents[4] / "docs" / "topics" / "command-line.md"


def test_every_exit_code_is_documented() -> None:
    """The page has one row per code, and no other rows."""
    rows = re.findall(r"^\| (\d+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(row) for row in rows] == [code.value for code in Exit]


def test_a_failure_has_one_line_or_several() -> None:
    """Both ways of saying it come out as lines."""
    assert Failure(Exit.FAILURE, "one").lines == ("one",)
    assert Failure(Exit.FAILURE, ["one", "two"]).lines == ("one", "two")
    assert str(Failure(Exit.FAILURE, ["one", "two"])) == "one\ntwo"
