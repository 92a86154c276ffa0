"""What requests about alerts carry."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from channels.errors import ErrorCode, ReplyError
from channels.messages import SystemAlert
from channels.messages.fields import Line, Number, Text, Timestamp, Url
from channels.messages.fields import Name as Visible
from hub.http.api.bodies import Body, Query
from hub.wire import explain
from integrations.system_monitor.book import Entry


class AlertsQuery(Query):
    """Which alerts."""

    status: Literal["pending", "firing", "resolved"] | None = None
    severity: Literal["info", "warning", "critical"] | None = None
    name: str | None = Field(None, description="of the rule")

    def wants(self, row: Mapping[str, Any]) -> bool:
        """Tell whether an alert is among them."""
        return all(wanted in (None, row[part]) for part, wanted in self)


class AcknowledgeBody(Body):
    """What somebody has to say about it. It is optional, and so is the body."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "looking at it"}]})

    note: str = Field("", max_length=1_000)


class SilenceBody(Body):
    """What is to be silent, and for how long."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"matchers": {"name": "host_*"}, "seconds": 3600, "comment": "new disks"}]}
    )

    matchers: dict[Visible, Visible] = Field(
        min_length=1,
        max_length=16,
        description="name, severity, source or a label, and its value; * and ? stand for other characters",
    )
    seconds: Annotated[float, Field(gt=0, le=31_536_000, strict=False)] = Field(description="how long, a year at most")
    comment: str = Field("", max_length=1_000, description="why")


class AlertBody(Body):
    """An alert of another system. Posted again it is the same one: by `alert_id`, or by name and labels without it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "backup_failed", "severity": "critical", "summary": "No backup since Monday"}]
        }
    )

    name: Visible = Field(description="what kind of alert it is")
    severity: Literal["info", "warning", "critical"] = "warning"
    status: Literal["firing", "resolved"] = "firing"
    summary: Line = Field(description="one line for people")
    alert_id: Visible | None = Field(None, description="the same from firing to resolved")
    labels: dict[Visible, Visible] = Field({}, max_length=64, description="what tells like alerts apart")
    value: Number | None = None
    threshold: Number | None = None
    unit: Visible | None = None
    description: Text | None = None
    runbook_url: Url | None = None
    source: Visible | None = Field(None, description="the system; the caller's user without it")
    started_at: Timestamp | None = Field(None, description="now without it, or as it was posted before")
    ended_at: Timestamp | None = Field(None, description="of a resolved one; now without it")

    @property
    def id(self) -> str:
        """The alert's id, made of name and labels where none was given."""
        if self.alert_id is not None:
            return self.alert_id
        identity = orjson.dumps((self.name, sorted(self.labels.items())))
        return f"x-{hashlib.sha256(identity).hexdigest()[:24]}"

    def alert(self, now: float, source: str, known: Entry | None) -> SystemAlert:
        """Make the alert.

        Args:
            now: seconds since 1970.
            source: who posts it.
            known: the alert of this id in the book.

        Raises:
            ReplyError: `invalid_command`; it ended before it began, or the like.
        """
        moment = datetime.fromtimestamp(now, UTC)
        before = known.alert.started_at if known is not None and known.firing else None
        ended = (self.ended_at or moment) if self.status == "resolved" else self.ended_at
        started = self.started_at or before or (min(moment, ended) if ended else moment)
        parts = self.model_dump(exclude={"alert_id", "source", "started_at", "ended_at"})
        try:
            return SystemAlert(
                **parts, alert_id=self.id, source=self.source or source, started_at=started, ended_at=ended
            )
        except ValidationError as error:
            raise ReplyError(ErrorCode.INVALID_COMMAND, explain(error)) from None


class AlertmanagerBody(BaseModel):
    """What Alertmanager's webhook posts, version 4 of it; fields that the hub doesn't use may be there."""

    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "version": "4",
                    "alerts": [
                        {
                            "status": "firing",
                            "labels": {"alertname": "DiskFull", "severity": "critical", "instance": "db-1"},
                            "annotations": {"summary": "Disk of db-1 is full"},
                            "startsAt": "2026-11-21T10:15:00Z",
                            "endsAt": "0001-01-01T00:00:00Z",
                            "fingerprint": "0123456789abcdef",
                        }
                    ],
                }
            ]
        },
    )

    version: Any = Field(None, description='"4"')
    alerts: Any = Field(None, description="the alerts of a group, firing and resolved")
