"""Rules: when a measure is a reason for an alert, and when no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from integrations.system_monitor.measures import MEASURES, Measure, Scope

Comparison = Literal["above", "below"]
Severity = Literal["info", "warning", "critical"]

LINE_MAX: Final = 1_000
"""Characters of a summary (`channels.messages.SystemAlert`)."""

SUMMARY: Final = "{name}: {value} {unit}, and the bound is {threshold}"
"""What is said of a rule that says nothing itself."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When to raise the alarm.

    Attributes:
        name: of the rule, and of its alerts.
        metric: a name out of `measures.MEASURES`.
        threshold: fires when the measure is above (or below) it, in the measure's unit.
        hold: seconds for which it has to be, without a break.
        clear: resolved when the measure is back at this, or better; `None`: at the threshold. Apart from the
            threshold it keeps a measure that wavers around that from firing and resolving in turn.
        clear_hold: seconds for which it has to be back. Doubled for each further firing within `flap_window`.
        flap_window: seconds for which a firing is remembered; 0: no damping.
        repeat: seconds after which an alert that still fires is told again; 0: never.
        key: what makes two alerts the same one, whichever process finds it; empty: rule and process, or rule and
            machine where the measure is the machine's. `{node}`, `{host}` and `{name}` stand for what they say.
        summary: one line for people, in which `{value}`, `{threshold}`, `{unit}`, `{name}`, `{node}` and `{host}` stand
            for what they say.
        runbook_url: empty: none.
    """

    name: str
    metric: str
    threshold: float
    comparison: Comparison = "above"
    hold: float = 60.0
    clear: float | None = None
    clear_hold: float = 60.0
    flap_window: float = 900.0
    repeat: float = 0.0
    severity: Severity = "warning"
    key: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    summary: str = SUMMARY
    runbook_url: str = ""

    @property
    def measure(self) -> Measure:
        """What it looks at."""
        return MEASURES[self.metric]

    @property
    def shared(self) -> bool:
        """Several processes may find the same alert."""
        return bool(self.key and "{node}" not in self.key) or (not self.key and self.measure.scope is Scope.HOST)

    def crossed(self, value: float) -> bool:
        """Tell whether `value` is a reason to fire."""
        return value > self.threshold if self.comparison == "above" else value < self.threshold

    def cleared(self, value: float) -> bool:
        """Tell whether `value` is a reason to resolve."""
        if self.clear is None or self.crossed(value):
            return not self.crossed(value)
        return value <= self.clear if self.comparison == "above" else value >= self.clear

    def key_for(self, node: str, host: str) -> str:
        """Return what tells its alert from others, for a process and its machine."""
        if self.key:
            return _filled(self.key, {"node": node, "host": host, "name": self.name})
        return f"{self.name}/{host if self.measure.scope is Scope.HOST else node}"

    def labels_for(self, node: str, host: str) -> dict[str, str]:
        """Return the labels of its alert: where it was found, and what the rule says."""
        where = {"host": host} if self.shared else {"host": host, "node": node}
        return {**where, **self.labels}

    def summary_for(self, value: float, node: str, host: str) -> str:
        """Write the line for people."""
        values = {
            "value": f"{value:.4g}",
            "threshold": f"{self.threshold:g}",
            "unit": self.measure.unit,
            "name": self.name,
            "node": node,
            "host": host,
        }
        return _filled(self.summary, values)[:LINE_MAX]


def _filled(template: str, values: Mapping[str, str]) -> str:
    """Put values in, and nothing else: `str.format` would follow attributes."""
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
    return template


_BUILT_IN: Final = (
    Rule(
        "error_rate",
        "error_rate",
        5.0,
        severity="critical",
        summary="{value} % of HTTP requests fail, more than {threshold} %",
    ),
    Rule("slow_queries", "slow_queries", 0.0, hold=0.0, summary="{value} database queries were slow"),
    Rule(
        "queue_overflow",
        "queue_overflow",
        80.0,
        hold=0.0,
        clear=50.0,
        severity="critical",
        summary="Publications pile up: {value} % of what may wait",
    ),
    Rule("process_memory", "process_memory", 2_000.0, clear=1_800.0, summary="The process has {value} MB of memory"),
    Rule(
        "process_cpu",
        "process_cpu",
        90.0,
        hold=300.0,
        clear=70.0,
        summary="The hub's process takes {value} % of a core",
    ),
    Rule(
        "host_memory",
        "host_memory",
        90.0,
        hold=120.0,
        clear=85.0,
        summary="{value} % of the memory of {host} is taken",
    ),
    Rule("host_cpu", "host_cpu", 90.0, hold=300.0, clear=75.0, summary="{host} is busy to {value} %"),
    Rule(
        "database_connections",
        "database_connections",
        90.0,
        hold=30.0,
        clear=75.0,
        severity="critical",
        summary="{value} % of the database connections are taken",
    ),
    Rule(
        "database_away",
        "database_away",
        30.0,
        hold=0.0,
        severity="critical",
        summary="The database is away for {value} s",
    ),
    Rule("host_disk", "host_disk", 90.0, clear=88.0, summary="{value} % of the disk of {host} is in use"),
    Rule("broker_away", "broker_away", 30.0, hold=0.0, severity="critical", summary="The broker is away for {value} s"),
    Rule("loop_lag", "loop_lag", 0.5, hold=30.0, clear=0.2, summary="The event loop is {value} s late"),
)

BUILT_IN: Final = {rule.name: rule for rule in _BUILT_IN}
"""Rules that a hub has unless it is told otherwise."""
