"""When a measure is a reason for an alert."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from channels.messages import SystemAlert
from hub.sections.alerts import BUILT_IN as CONFIGURABLE
from integrations.system_monitor.measures import MEASURES
from integrations.system_monitor.rules import BUILT_IN, LINE_MAX, Rule

PAGE = Path(__file__).parents[4] / "docs" / "topics" / "alerts.md"
HIGH = Rule("high", "process_cpu", 90.0, clear=70.0)


def test_above_and_below() -> None:
    """The threshold itself is no reason."""
    assert [HIGH.crossed(value) for value in (90.0, 90.1)] == [False, True]
    low = Rule("low", "connections", 10.0, "below")
    assert [low.crossed(value) for value in (10.0, 9.9)] == [False, True]


def test_the_way_back_is_longer_than_the_way_there() -> None:
    """Between the two bounds a rule stays what it is."""
    assert [HIGH.cleared(value) for value in (90.1, 89.0, 70.1, 70.0)] == [False, False, False, True]
    low = Rule("low", "connections", 10.0, "below", clear=20.0)
    assert [low.cleared(value) for value in (9.0, 19.9, 20.0)] == [False, False, True]
    assert replace(HIGH, clear=None).cleared(90.0)


def test_what_crosses_the_threshold_is_never_cleared() -> None:
    """Also with a way back on the wrong side, which would fire and resolve in turn."""
    assert not replace(HIGH, clear=95.0).cleared(93.0)


def test_alerts_of_a_process_and_of_a_machine() -> None:
    """What makes two the same one, and what is said of where."""
    host = Rule("full", "host_disk", 90.0, labels={"team": "ops"})
    assert (HIGH.key_for("n-1", "db-1"), HIGH.shared) == ("high/n-1", False)
    assert (host.key_for("n-1", "db-1"), host.shared) == ("full/db-1", True)
    assert HIGH.labels_for("n-1", "db-1") == {"host": "db-1", "node": "n-1"}
    assert host.labels_for("n-1", "db-1") == {"host": "db-1", "team": "ops"}


@pytest.mark.parametrize(
    ("key", "made", "shared"),
    [("cluster", "cluster", True), ("{name}@{host}", "high@db-1", True), ("{name}.{node}", "high.n-1", False)],
)
def test_a_key_of_ones_own(key: str, made: str, shared: bool) -> None:
    """One without the process is one alert for all of them."""
    rule = replace(HIGH, key=key)
    assert (rule.key_for("n-1", "db-1"), rule.shared) == (made, shared)


def test_the_line_for_people() -> None:
    """Names in braces stand for what they say; anything else stays, and nothing is looked up in objects."""
    rule = replace(HIGH, summary="{name} {value} {unit} > {threshold} on {host}/{node} {value.__class__} {other}")
    line = rule.summary_for(93.25, "n-1", "db-1")
    assert line == "high 93.25 % > 90 on db-1/n-1 {value.__class__} {other}"
    assert len(replace(HIGH, summary="x" * 5_000).summary_for(1.0, "n", "h")) == LINE_MAX


def test_the_rules_that_are_built_in() -> None:
    """The configuration knows their names, they look at what there is, and their way back is on the good side."""
    assert tuple(BUILT_IN) == CONFIGURABLE
    for name, rule in BUILT_IN.items():
        assert (rule.name, rule.measure) == (name, MEASURES[rule.metric])
        assert rule.clear is None or rule.clear < rule.threshold
        assert "{" not in rule.summary_for(1.0, "n", "h")


def test_what_operations_asked_for_is_built_in() -> None:
    """Error rate above 5 %, slow queries, queue overflow, memory and processor, exhausted database connections."""
    assert (BUILT_IN["error_rate"].threshold, BUILT_IN["error_rate"].measure.unit) == (5.0, "%")
    wanted = {"slow_queries", "queue_overflow", "process_memory", "process_cpu", "host_memory", "host_cpu"}
    assert {*wanted, "database_connections"} <= set(BUILT_IN)


def test_the_page_has_the_same_rules() -> None:
    """With metric, threshold and times."""
    text = PAGE.read_text(encoding="utf-8")
    for rule in BUILT_IN.values():
        bound = f"above {rule.threshold:g} {rule.measure.unit}"
        clear = rule.threshold if rule.clear is None else rule.clear
        row = f"| `{rule.name}` | `{rule.metric}` | {bound} | {rule.hold:g} s | {clear:g} | {rule.severity} |"
        assert row in text


def test_names_and_severities_fit_the_message() -> None:
    """What a rule says is what the published alert may hold."""
    for rule in BUILT_IN.values():
        SystemAlert.model_validate(
            {
                "alert_id": "a",
                "name": rule.name,
                "severity": rule.severity,
                "status": "firing",
                "summary": rule.summary_for(1.5, "n-1", "h"),
                "started_at": "2026-11-21T10:15:00Z",
                "labels": rule.labels_for("n-1", "h"),
                "unit": rule.measure.unit,
            }
        )
