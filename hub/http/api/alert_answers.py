"""What the API answers about alerts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hub.descriptions import Described, Missing, Node, Partial, Timestamp

Severity = Literal["info", "warning", "critical"]
RuleStateName = Annotated[
    str,
    Field(
        description="no_data: it should be measured, and can't be; not_applicable: this hub has nothing to measure",
        json_schema_extra={"enum": ["inactive", "pending", "firing", "resolved", "no_data", "not_applicable"]},
    ),
]


class Acknowledged(Described):
    """Somebody takes care of it."""

    by: str
    at: Timestamp
    note: str


class AlertState(Described):
    """An alert now. Beside what is published of it: who speaks for it, and what people have said."""

    alert_id: str | None = Field(None, description="absent while it is pending")
    name: str = Field(description="the rule")
    severity: Severity
    status: Literal["pending", "firing", "resolved"]
    summary: str = Field(description="one line for people")
    description: str | None = Field(None, description="more for people; only in the process that took the alert")
    value: float | None = Field(None, description="while it fires in a process of the hub, as of now")
    threshold: float | None = None
    metric: str | None = Field(None, description="what the rule looks at")
    unit: str | None = Field(None, description="unit of value and threshold")
    labels: dict[str, str]
    started_at: Timestamp
    ended_at: Timestamp | None = None
    reason: Literal["cleared", "stale", "stopped"] | None = Field(None, description="why it is resolved")
    runbook_url: str | None = None
    source: str | None = Field(None, description="who found it")
    repetition: int | None = None
    silenced: bool | None = Field(None, description="it was silent when it was published")
    owner: Node = Field(description="the process that speaks for it")
    silenced_by: list[str] = Field(description="ids of the silences that cover it now")
    acknowledged: Acknowledged | None = None


class AlertList(Described):
    """Alerts: those that fire, those about to, those resolved of late."""

    alerts: list[AlertState]
    partial: Partial = None
    missing: Missing = None


class RuleInNode(Described):
    """A rule in one process."""

    node: Node
    state: RuleStateName
    value: float | None = Field(None, description="what was measured last")
    missing: str = Field(description="why nothing was; empty when something was")
    seconds: float = Field(ge=0, description="how long it has been in that state")
    firings: int = Field(ge=0, description="how often it fired since the process began")


class AlertRule(Described):
    """A rule, and how it is in each process."""

    name: str
    metric: str
    unit: str
    about: str = Field(description="what the metric says")
    comparison: Literal["above", "below"]
    threshold: float
    clear: float = Field(description="resolved when the metric is back here")
    hold: float = Field(description="seconds until it fires")
    clear_hold: float = Field(description="seconds until it is resolved")
    severity: Severity
    repeat: float = Field(description="seconds after which it is told again; 0: never")
    runbook_url: str
    nodes: list[RuleInNode]


class AlertRules(Described):
    """The rules that are on."""

    rules: list[AlertRule]
    partial: Partial = None
    missing: Missing = None


class SilenceState(Described):
    """A silence."""

    id: str
    matchers: dict[str, str] = Field(description="what an alert must have, all of it")
    until: Timestamp | None = Field(None, description="absent: as long as it stands in the configuration")
    by: str = Field(description="who made it")
    comment: str
    created: Timestamp | None = None


class SilenceList(Described):
    """The silences in force."""

    silences: list[SilenceState]


class Taken(Described):
    """What became of alerts that were posted."""

    alert_ids: list[str] = Field(description="their ids")
    published: int = Field(ge=0, description="how many were news, and published")
