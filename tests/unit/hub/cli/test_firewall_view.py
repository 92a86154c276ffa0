"""What `tocsin firewall` shows."""

from __future__ import annotations

import io
from typing import Any

from hub.cli.firewall_view import (
    confidence,
    entry_lines,
    moment,
    numbers_table,
    records_table,
    rules_table,
    show,
    verdict_lines,
    verdicts_table,
)
from hub.cli.terminal import Terminal

PLAIN = Terminal(io.StringIO(), io.StringIO())
VERDICT: dict[str, Any] = {
    "check_id": "check-1",
    "operation": "ios_build",
    "decision": "block",
    "why": "It failed.",
    "solution": {"text": "use \x1b[31mPro", "params": {}},
    "match": {"entry_id": "ios-1", "kind": "exact", "status": "confirmed"},
    "confidence": {"value": 0.75, "successes": 2, "failures": 0},
    "ms": 0.123456,
    "degraded": True,
    "would_block": True,
}


def shown(table: Any, **options: Any) -> list[str]:
    out = io.StringIO()
    show(table, Terminal(out, io.StringIO(), **options))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_a_verdict_says_what_to_do() -> None:
    """The decision first; nobody's data steers the terminal."""
    assert verdict_lines(VERDICT, PLAIN) == [
        "BLOCK ios_build: It failed.",
        "solution: use \\u001b[31mPro",
        "known as ios-1 (exact, confirmed, confidence 0.75 (2 for, 0 against))",
        "check check-1, 0.12 ms",
        "degraded: the check could not be made as it should",
        "dry run: it would have been blocked",
    ]
    plain = {"check_id": "c", "operation": "o", "decision": "allow", "why": "Nothing.", "ms": 0.1}
    assert verdict_lines(plain, PLAIN) == ["ALLOW o: Nothing.", "check c, 0.10 ms"]


def test_a_decision_is_coloured_for_people() -> None:
    """Red stops."""
    assert verdict_lines(VERDICT, Terminal(io.StringIO(), io.StringIO(), colour_out=True))[0].startswith(
        "\x1b[31mBLOCK"
    )


def test_times_and_confidence() -> None:
    """To the second; and never a number without what it rests on."""
    assert moment("2026-11-21T10:15:00.123456Z") == "2026-11-21 10:15:00Z"
    assert moment(None) == ""
    assert confidence(None) == "unknown"


def test_an_entry_is_described() -> None:
    """What isn't known is left out."""
    lines = entry_lines({"id": "r", "operation": "o", "status": "observed", "params": {"a": "1"}, "message": "a\nb"})
    assert lines == [
        "id:          r",
        "operation:   o",
        "status:      observed",
        "confidence:  unknown",
        "params:      a=1",
        "message:     a b",
    ]


def test_tables_keep_everything_in_a_pipe() -> None:
    """A line each, without markup: nobody's text is taken for it."""
    long = "x" * 60
    record = {"id": "r-1", "status": "confirmed", "operation": "[red]op[/red]", "error_type": long, "occurrences": 7}
    lines = shown(records_table([record | {"last_seen": "2026-11-21T10:15:00Z"}]))
    assert lines[0].split() == ["id", "status", "operation", "error", "seen", "last", "solution"]
    assert lines[1].split() == ["r-1", "confirmed", "[red]op[/red]", long, "7", "2026-11-21", "10:15:00Z"]
    assert len(lines) == 2


def test_the_other_tables() -> None:
    """Verdicts, rules and numbers."""
    audited = {"at": "2026-11-21T10:15:00Z", "verdict": VERDICT, "actor": "ci"}
    assert "2026-11-21 10:15:00Z  block     ios_build  ios-1  ci        It failed." in shown(verdicts_table([audited]))
    rule: dict[str, Any] = {"id": "rule-1", "status": "confirmed", "operation": "o", "solution": {"text": "s"}}
    rule |= {"predicates": [{"field": "a", "kind": "equals", "argument": 1}]}
    assert shown(rules_table([rule]))[1].split() == ["rule-1", "confirmed", "o", "a", "equals", "1", "s"]
    numbers = [line.split() for line in shown(numbers_table({"checks": 5, "records": {"observed": 2}}))]
    assert numbers == [["number", "value"], ["checks", "5"], ["records.observed", "2"]]
