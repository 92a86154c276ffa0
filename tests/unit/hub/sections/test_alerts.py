"""The section `alerts`: what may be written there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from hub.sections.alerts import AlertsOptions
from hub.settings import SettingsError, Source, load


def problem(**alerts: Any) -> str:
    """Return what is wrong with a configuration."""
    with pytest.raises(SettingsError) as refused:
        load(Source(None, {}), {f"alerts.{name}": value for name, value in alerts.items()})
    return str(refused.value)


def test_a_wrong_metric_is_answered_with_those_that_are_known() -> None:
    """And with the one that was meant."""
    text = problem(rules={"mine": {"metric": "process_cpus", "threshold": 1.0}})
    assert "alerts.rules.mine.metric" in text
    assert "error_rate, request_rate" in text
    assert "did you mean process_cpu?" in text


def test_a_new_rule_is_whole() -> None:
    """One that is built in may be changed in part."""
    text = problem(rules={"eror_rate": {"threshold": 1.0}})
    assert "alerts.rules.eror_rate: needs metric" in text
    assert "error_rate, slow_queries" in text
    assert AlertsOptions.model_validate({"rules": {"error_rate": {"threshold": 1.0}}}).stated("error_rate")


def test_the_way_back_is_on_the_good_side() -> None:
    """Of the threshold."""
    rule = {"metric": "connections", "threshold": 10.0}
    assert "expected at most the threshold" in problem(rules={"mine": {**rule, "clear": 11.0}})
    below = {**rule, "comparison": "below", "clear": 9.0}
    assert "expected at least the threshold" in problem(rules={"mine": below})


@pytest.mark.parametrize(
    "rule",
    [
        {"for": -1},
        {"severity": "page"},
        {"comparison": ">"},
        {"key": ""},
        {"runbook_url": "javascript:alert(1)"},
        {"treshold": 1},
        {"threshold": "much"},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(rule: dict[str, Any]) -> None:
    """With its path."""
    assert "alerts.rules.error_rate" in problem(rules={"error_rate": rule})


def test_silences() -> None:
    """Need matchers; their end needs a zone, and may be a time of YAML or a text."""
    moment = datetime(2026, 12, 24, tzinfo=UTC)
    for until in ("2026-12-24T01:00:00+01:00", moment):
        options = AlertsOptions.model_validate({"silences": [{"matchers": {"name": "x"}, "until": until}]})
        assert options.silences[0].until == moment
    assert "matchers" in problem(silences=[{"matchers": {}}])
    for until in ("2026-12-24T00:00:00", "tomorrow"):
        assert "expected a time" in problem(silences=[{"matchers": {"name": "x"}, "until": until}])


def test_variables_reach_into_rules() -> None:
    """As into all options."""
    settings = load(Source(None, {"TOCSIN_ALERTS__RULES__ERROR_RATE__FOR": "5"}))
    assert settings.alerts.stated("error_rate") == {"for_": 5.0}
    assert settings.alerts.stated("host_cpu") == {}
