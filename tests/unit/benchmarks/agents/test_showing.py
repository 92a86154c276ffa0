"""Results as tables."""

from __future__ import annotations

from benchmarks.agents.queries import Statement
from benchmarks.agents.showing import groups, lines_of, table
from benchmarks.agents.tokens import Lost


def test_results_are_shown_by_their_kind() -> None:
    """In order, however they are nested; what is over its budget says so, and plans are told apart."""
    statement = Statement("a call", "SELECT", 1234.5, 7, "messages", ["Seq Scan"])
    found = groups(([Lost(1, 9, 8, 20.0)], statement, [Lost(2, 9, 1, 300.0)]))
    assert found == [[Lost(1, 9, 8, 20.0), Lost(2, 9, 1, 300.0)], [statement]]
    rows = table(found[0]).splitlines()
    assert rows[0].split() == ["kill", "said", "stored", "ms", "verdict"]
    assert [row.split("  ")[-1].strip() for row in rows[2:]] == ["20.00", "over the budget"]
    assert "1,234.50" in table(found[1])
    assert "Seq Scan" not in table(found[1])
    assert "".join(lines_of(found[1])) == "a call: SELECT\n    Seq Scan\n"
    assert list(lines_of(found[0])) == []
