"""Verdicts and outcomes as rows."""

from __future__ import annotations

from integrations.error_firewall.model import (
    Audited,
    Confidence,
    Decision,
    Match,
    MatchKind,
    Outcome,
    OutcomeKind,
    Solution,
    Status,
    Verdict,
)
from integrations.error_firewall.postgres.books import audited_of, outcome_of, outcome_row, verdict_row


def test_a_verdict_goes_there_and_back() -> None:
    """With nothing known, and with everything."""
    match = Match(MatchKind.SIMILAR, "e-1", "e-1", "Timeout", Status.OBSERVED, 0.91)
    full = Verdict(
        "c-1", "op", Decision.WARN, "why", match, Solution("s", {"a": 1}), Confidence(0.5, 0, 0, 0.05, 0.95), "rule-1"
    )
    for given in (
        Audited(1.5, full, {"p": [1]}, {"c": None}, "alice", "n-1"),
        Audited(0.0, Verdict("c-2", "op", Decision.ALLOW, "nothing is known")),
    ):
        columns = ("check_id", "at", "operation", "decision", "entry_id", "body")
        row = dict(zip(columns, verdict_row(given), strict=True))
        assert audited_of(row) == given
        assert row["entry_id"] == (given.verdict.match and "e-1")


def test_an_outcome_goes_there_and_back() -> None:
    """With who and why, and without."""
    columns = ("entry_id", "at", "kind", "check_id", "actor", "reason")
    for given in (
        Outcome(1.5, "e", OutcomeKind.DID_NOT, "c", "alice", "because"),
        Outcome(2.0, "e", OutcomeKind.WORKED),
    ):
        assert outcome_of(dict(zip(columns, outcome_row(given), strict=True))) == given
