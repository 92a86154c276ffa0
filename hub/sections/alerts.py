"""The options of alerts: the rules that raise them, what is silent, and how long things are believed."""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from channels.messages.fields import WEB
from hub.option_types import Name, Seconds, Section

METRICS: Final = (
    "error_rate",
    "request_rate",
    "response_time",
    "connections",
    "connections_fill",
    "slow_connections",
    "queue_fill",
    "queue_drops",
    "spool_fill",
    "queue_overflow",
    "loop_lag",
    "broker_away",
    "process_memory",
    "process_cpu",
    "host_memory",
    "host_cpu",
    "host_load",
    "host_disk",
    "database_connections",
    "database_waiters",
    "database_timeouts",
    "database_away",
    "slow_queries",
    "slow_query_share",
)
"""What rules can look at (`integrations.system_monitor.measures`)."""

BUILT_IN: Final = (
    "error_rate",
    "slow_queries",
    "queue_overflow",
    "process_memory",
    "process_cpu",
    "host_memory",
    "host_cpu",
    "database_connections",
    "database_away",
    "host_disk",
    "broker_away",
    "loop_lag",
)
"""Rules that are there without being configured (`integrations.system_monitor.rules`)."""


def _metric(name: str) -> str:
    if name in METRICS:
        return name
    near = get_close_matches(name, METRICS, n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    raise ValueError(f"expected one of {', '.join(METRICS)}{meant}")


def _moment(value: object) -> object:
    """Take the times of YAML, and texts; both need a zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("expected a time such as 2026-11-21T10:15:00Z") from None
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("expected a time with a zone, such as 2026-11-21T10:15:00Z")
    return value


Metric = Annotated[str, AfterValidator(_metric)]
Moment = Annotated[datetime, BeforeValidator(_moment), AfterValidator(lambda moment: moment.astimezone(UTC))]


class RuleSection(Section):
    """A rule. What one that is built in doesn't say stays as it is; a new one needs `metric` and `threshold`."""

    enabled: bool = Field(True, description="false: the rule isn't looked at")
    metric: Metric | None = Field(None, description="what it looks at; docs/topics/alerts.md lists them")
    threshold: float | None = Field(None, description="fires when the metric is above (or below) it, in its unit")
    comparison: Literal["above", "below"] | None = Field(None, description="above or below")
    for_: Seconds | None = Field(None, alias="for", description="seconds for which that has to be, without a break")
    clear: float | None = Field(None, description="resolved when the metric is back here; null: at the threshold")
    clear_for: Seconds | None = Field(
        None, description="seconds for which it has to be back; doubled for each further firing within flap_window"
    )
    flap_window: Seconds | None = Field(None, description="seconds for which a firing is remembered; 0: no doubling")
    repeat: Seconds | None = Field(
        None, description="seconds after which an alert that nobody has acknowledged is told again; 0: never"
    )
    severity: Literal["info", "warning", "critical"] | None = Field(None, description="info, warning or critical")
    key: str | None = Field(
        None,
        min_length=1,
        max_length=128,
        description="alerts of one key are one alert, whichever process finds it; {name}, {node} and {host} stand for "
        "what they say; null: one for each process, or machine",
    )
    labels: dict[Name, str] = Field({}, description="labels of its alerts, beside node and host")
    summary: str | None = Field(
        None,
        min_length=1,
        max_length=500,
        description="one line for people; {value}, {threshold}, {unit}, {name}, {node} and {host} mean what they say",
    )
    runbook_url: str | None = Field(None, max_length=2_048, pattern=WEB, description="what to do about it")

    def problems(self, name: str) -> list[str]:
        """Say what its options don't make together, for a rule of this name."""
        lacking = [part for part in ("metric", "threshold") if getattr(self, part) is None]
        if lacking and name not in BUILT_IN:
            return [f"needs {' and '.join(lacking)}: no such rule is built in; those are {', '.join(BUILT_IN)}"]
        if self.clear is None or self.threshold is None:
            return []
        below = self.comparison == "below"
        if self.clear < self.threshold if below else self.clear > self.threshold:
            return [f"clear: expected {'at least' if below else 'at most'} the threshold, {self.threshold:g}"]
        return []


class SilenceSection(Section):
    """Alerts that nobody is to be notified of."""

    matchers: dict[Name, str] = Field(
        min_length=1, description="name, severity, source or a label, and its value; * and ? stand for other characters"
    )
    until: Moment | None = Field(None, description="when it ends, with a zone; null: as long as it stands here")
    comment: str = Field("", max_length=500, description="why")


class AlertsOptions(Section):
    """Alerts on `system_alerts`: rules about the hub and its machine, and how long alerts are kept."""

    interval: Seconds = Field(5.0, description="seconds between two looks at the rules; 0 turns them off")
    window: float = Field(60.0, gt=0, le=3_600, description="seconds over which rates and shares are taken")
    rules: dict[Name, RuleSection] = Field(
        {},
        description="rules of your own, and changes to those that are built in, each under its name",
        examples=[
            {
                "error_rate": {"threshold": 2.0, "for": 120.0},
                "loop_lag": {"enabled": False},
                "many_clients": {"metric": "connections", "threshold": 5000.0, "severity": "info"},
            }
        ],
    )
    silences: tuple[SilenceSection, ...] = Field(
        (),
        description="alerts that nobody is notified of; more can be made over HTTP",
        examples=[[{"matchers": {"name": "host_*", "host": "build-1"}, "comment": "is busy by design"}]],
    )
    lease: float = Field(
        60.0,
        ge=1,
        description="seconds for which other processes believe one that says an alert fires, unless it says so again; "
        "when as many more are over, they resolve it as stale",
    )
    external_lease: Seconds = Field(
        86_400.0, gt=0, description="seconds after which an alert that another system posted, and not again, is stale"
    )
    keep: Seconds = Field(3_600.0, description="seconds for which resolved alerts are listed")
    acknowledgement: Seconds = Field(86_400.0, gt=0, description="seconds for which an acknowledgement holds")
    limit: int = Field(
        1_000,
        ge=1,
        description="alerts up to which those of other systems are kept, and silences; of more there are only "
        "publications",
    )

    def problems(self) -> list[str]:
        """Say what the options of single rules don't make together, each with where it stands."""
        return [f"alerts.rules.{name}: {text}" for name, rule in self.rules.items() for text in rule.problems(name)]

    def stated(self, name: str) -> dict[str, Any]:
        """Return what is said about a rule, by the options' names."""
        rule = self.rules.get(name)
        return {} if rule is None else {part: getattr(rule, part) for part in rule.model_fields_set}
