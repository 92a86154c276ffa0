"""From the section `alerts` to rules and silences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from hub.sections.alerts import AlertsOptions
from integrations.system_monitor.rules import BUILT_IN, SUMMARY, Rule
from integrations.system_monitor.silences import Silence

_NAMES: Final = {"for_": "hold", "clear_for": "clear_hold"}
"""Options that rules have under another name."""


def rules_of(options: AlertsOptions) -> list[Rule]:
    """Return the rules that are on: those that are built in as they are changed, and new ones."""
    names = [*BUILT_IN, *(name for name in options.rules if name not in BUILT_IN)]
    return [_rule(name, options.stated(name)) for name in names if options.stated(name).get("enabled", True)]


def _rule(name: str, stated: dict[str, Any]) -> Rule:
    parts = {_NAMES.get(part, part): value for part, value in stated.items() if value is not None and part != "enabled"}
    if name not in BUILT_IN:
        return Rule(name, **parts)
    built_in = BUILT_IN[name]
    if "threshold" in parts and "clear" not in parts:
        # The old way back may lie on the wrong side of the new threshold.
        parts["clear"] = _scaled(built_in, parts["threshold"])
    if "metric" in parts and parts["metric"] != built_in.metric and "summary" not in parts:
        parts["summary"] = SUMMARY
    return replace(built_in, **parts)


def _scaled(rule: Rule, threshold: float) -> float | None:
    """Return the way back in the same proportion to another threshold."""
    return None if rule.clear is None else threshold * rule.clear / rule.threshold


def silences_of(options: AlertsOptions) -> list[Silence]:
    """Return the silences that are configured."""
    return [
        Silence(
            f"config-{number}",
            silence.matchers,
            None if silence.until is None else silence.until.timestamp(),
            "configuration",
            silence.comment,
        )
        for number, silence in enumerate(options.silences)
    ]
