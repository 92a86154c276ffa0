"""Reports in numbers."""

from __future__ import annotations

from collections import Counter

from integrations.code_analysis.report import Outcome, Report


def test_numbers_are_complete() -> None:
    """All severities; each linter that has run, also one that found nothing, and none that hasn't."""
    report = Report("HEAD", severities=Counter({"error": 2}))
    report.outcomes = [Outcome("ruff", findings=2), Outcome("radon"), Outcome("yamllint", status="skipped")]
    assert report.by_severity() == {"error": 2, "warning": 0, "info": 0}
    assert report.by_linter() == {"ruff": 2, "radon": 0}
