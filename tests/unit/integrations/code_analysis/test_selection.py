"""Which files are looked at."""

from __future__ import annotations

from integrations.code_analysis.git import Entry
from integrations.code_analysis.selection import OVER_COUNT, OVER_SIZE, differing, is_binary, select
from tests.unit.integrations.code_analysis.repositories import WordLinter

LINTERS = [WordLinter()]


def test_what_is_left_out_has_a_reason() -> None:
    """Each file is either looked at or counted."""
    entries = [
        Entry("b.txt", "1", 10),
        Entry("a.txt", "2", 10),
        Entry("c.txt", "3", 10),
        Entry("big.txt", "4", 11),
        Entry("x.py", "5", 1),
        Entry("link.txt", "6", 1, "symlink"),
        Entry("sub", "7", 0, "submodule"),
    ]
    selection = select(entries, LINTERS, largest=10, most=2)
    assert [entry.path for entry in selection.files] == ["a.txt", "b.txt"]
    expected = {OVER_COUNT: 1, OVER_SIZE: 1, "no linter for it": 1, "symlink": 1, "submodule": 1}
    assert dict(selection.skipped) == expected


def test_what_differs_is_by_path_and_content() -> None:
    """Changed, new and deleted files; a file that moved is both."""
    before = [Entry("same", "1", 1), Entry("changed", "2", 1), Entry("deleted", "3", 1), Entry("old", "4", 1)]
    after = [Entry("same", "1", 1), Entry("changed", "9", 1), Entry("new", "5", 1), Entry("moved", "4", 1)]
    here, there = differing(after, before)
    assert [entry.path for entry in here] == ["changed", "new", "moved"]
    assert [entry.path for entry in there] == ["changed", "deleted", "old"]


def test_binary_is_what_git_calls_binary() -> None:
    """A NUL near the beginning."""
    assert is_binary(b"\x89PNG\0")
    assert not is_binary("größe".encode("latin-1"))
    assert not is_binary(b"")
