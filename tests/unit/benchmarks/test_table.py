"""Plain-text tables."""

from __future__ import annotations

from benchmarks.table import Column, render

COLUMNS = (Column("server", left=True), Column("per s"), Column("note", left=True))


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    text = render(COLUMNS, [["a", "1", "ok"], ["longer name", "22.5 k", ""]])
    assert text.splitlines() == [
        "server        per s  note",
        "-----------  ------  ----",
        "a                 1  ok",
        "longer name  22.5 k",
    ]


def test_an_empty_column_is_left_out() -> None:
    assert "note" not in render(COLUMNS, [["a", "1", ""]])
