"""What is new, fixed and unchanged."""

from __future__ import annotations

from integrations.code_analysis.comparison import Before, Comparison
from integrations.code_analysis.store import Run

BEFORE = Run("c1", {"ruff": "1", "bandit": "1", "radon": "1"}, {"ruff": ["a", "b"], "bandit": ["c"], "radon": ["d"]})


def test_findings_are_compared_by_their_fingerprints() -> None:
    """Of each linter by itself."""
    before = Before(BEFORE, {"ruff": "1", "bandit": "1", "radon": "1"})
    compared = before.compare({"ruff": ["b", "x", "y"], "bandit": ["c"], "radon": []})
    assert compared == Comparison("c1", new=2, fixed=2, unchanged=2)


def test_another_version_says_nothing_about_the_code() -> None:
    """What a new version of a linter finds isn't new, and what a failed one didn't find isn't fixed."""
    before = Before(BEFORE, {"ruff": "2", "bandit": "1", "yamllint": "1"})
    compared = before.compare({"ruff": ["x"], "yamllint": ["y"]})
    assert compared == Comparison("c1", 0, 0, 0, ("bandit", "ruff", "yamllint"))
    assert before.has("ruff", "a") is None
    assert before.has("yamllint", "y") is None


def test_one_finding_can_be_asked_for() -> None:
    """While the run goes on."""
    before = Before(BEFORE, {"ruff": "1"})
    assert before.has("ruff", "a") is True
    assert before.has("ruff", "x") is False
