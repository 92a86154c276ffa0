"""From the section `alerts` to rules and silences."""

from __future__ import annotations

from typing import Any

from hub.adapters.alert_rules import rules_of, silences_of
from hub.sections.alerts import AlertsOptions
from integrations.system_monitor.rules import BUILT_IN, Rule


def rules(**changes: Any) -> dict[str, Rule]:
    """Return the rules of a configuration, by name."""
    return {rule.name: rule for rule in rules_of(AlertsOptions.model_validate({"rules": changes}))}


def test_without_configuration_the_built_in_rules_are_on() -> None:
    """As they are."""
    assert rules() == BUILT_IN


def test_a_rule_can_be_switched_off() -> None:
    """By its name."""
    assert set(BUILT_IN) - set(rules(host_cpu={"enabled": False})) == {"host_cpu"}


def test_what_is_said_replaces_what_was_built_in() -> None:
    """And nothing else."""
    changed = rules(error_rate={"threshold": 2.0, "for": 10.0, "clear_for": 5.0, "severity": "info"})["error_rate"]
    assert (changed.threshold, changed.hold, changed.clear_hold, changed.severity) == (2.0, 10.0, 5.0, "info")
    assert changed.summary == BUILT_IN["error_rate"].summary


def test_another_threshold_moves_the_way_back() -> None:
    """In proportion, so that it stays on the good side; unless it is said."""
    assert rules(host_cpu={"threshold": 45.0})["host_cpu"].clear == 37.5
    assert rules(error_rate={"threshold": 45.0})["error_rate"].clear is None
    assert rules(host_cpu={"threshold": 45.0, "clear": 40.0})["host_cpu"].clear == 40.0


def test_another_metric_has_no_old_summary() -> None:
    """It would say something wrong."""
    changed = rules(host_cpu={"metric": "host_load", "threshold": 2.0})["host_cpu"]
    assert changed.summary_for(3.0, "n-1", "db-1") == "host_cpu: 3 1, and the bound is 2"


def test_a_rule_of_ones_own() -> None:
    """With everything that can be said."""
    stated = {
        "metric": "connections",
        "threshold": 10.0,
        "comparison": "below",
        "for": 1.0,
        "clear": 20.0,
        "clear_for": 2.0,
        "flap_window": 3.0,
        "repeat": 4.0,
        "severity": "critical",
        "key": "{host}",
        "labels": {"team": "web"},
        "summary": "{value}",
        "runbook_url": "https://wiki.example",
    }
    assert rules(few=stated)["few"] == Rule(
        "few",
        "connections",
        10.0,
        "below",
        1.0,
        20.0,
        2.0,
        3.0,
        4.0,
        "critical",
        "{host}",
        {"team": "web"},
        "{value}",
        "https://wiki.example",
    )


def test_configured_silences() -> None:
    """With an end, or as long as they are configured."""
    options = AlertsOptions.model_validate(
        {
            "silences": [
                {"matchers": {"name": "host_*"}, "comment": "why"},
                {"matchers": {"name": "x"}, "until": "2026-12-24T00:00:00Z"},
            ]
        }
    )
    first, second = silences_of(options)
    assert (first.id, first.until, first.comment, first.by) == ("config-0", None, "why", "configuration")
    assert second.until == 1_798_070_400.0
