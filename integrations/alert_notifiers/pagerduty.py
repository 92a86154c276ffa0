"""PagerDuty, by its Events API v2: an alert that fires triggers an incident, a resolved one resolves it."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import orjson

from channels.messages import SystemAlert
from integrations.alert_notifiers.http_post import HttpPost
from integrations.alert_notifiers.notice import Notice, rest

BASE: Final = "https://events.pagerduty.com"
"""Where events go; accounts of the European region use https://events.eu.pagerduty.com."""

_KEY: Final = 255
"""Characters of a dedup_key that PagerDuty takes."""

_SUMMARY: Final = 1_024


class PagerDutyNotifier:
    """Sends events to one service of PagerDuty.

    Args:
        routing_key: of the service's integration; a secret.
        base: in place of PagerDuty's own address.
    """

    each = True

    def __init__(self, routing_key: str, base: str = BASE) -> None:
        self._routing_key = routing_key
        self._post = HttpPost(f"{base.rstrip('/')}/v2/enqueue")
        self.open = self._post.open
        self.close = self._post.close

    async def send(self, notice: Notice) -> None:
        """Send one event."""
        event = event_of(notice) | {"routing_key": self._routing_key}
        await self._post.send(orjson.dumps(event), {"Content-Type": "application/json"})


def event_of(notice: Notice) -> dict[str, Any]:
    """Return the event's JSON, without the key."""
    if not notice.alerts:
        return _uncounted(notice)
    alert = notice.alerts[0]
    if alert.status == "resolved":
        action = "resolve"
    else:
        action = "acknowledge" if notice.acknowledged else "trigger"
    event: dict[str, Any] = {"event_action": action, "dedup_key": dedup_key(alert.alert_id)}
    if action == "trigger":
        event |= {"client": "Tocsin", "payload": _payload(alert)}
        event |= {"links": [{"href": alert.runbook_url, "text": "what to do"}]} if alert.runbook_url else {}
    return event


def dedup_key(alert_id: str) -> str:
    """Return the key that an incident is opened and closed by: the alert's id, or its hash when that is too long."""
    return alert_id if len(alert_id) <= _KEY else hashlib.sha256(alert_id.encode()).hexdigest()


def _payload(alert: SystemAlert) -> dict[str, Any]:
    labels = alert.labels
    told = {"value": alert.value, "threshold": alert.threshold, "unit": alert.unit, "description": alert.description}
    return {
        "summary": f"{alert.name}: {alert.summary}"[:_SUMMARY],
        "severity": alert.severity,
        "source": next((labels[name] for name in ("instance", "node", "host") if name in labels), "tocsin"),
        "timestamp": alert.started_at.isoformat(),
        "class": alert.name,
        "custom_details": labels | {name: value for name, value in told.items() if value is not None},
    }


def _uncounted(notice: Notice) -> dict[str, Any]:
    """Say that alerts could not be told one by one: incidents may be open or closed that shouldn't be."""
    return {
        "event_action": "trigger",
        "dedup_key": "tocsin-more-alerts",
        "client": "Tocsin",
        "payload": {
            "summary": f"Alerts came too fast to be sent one by one: {' '.join(rest(notice))}",
            "severity": "warning",
            "source": "tocsin",
        },
    }
