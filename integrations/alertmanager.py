"""Prometheus Alertmanager's webhook, version 4 of its payload: from what it posts to alerts.

Alertmanager groups: one request holds the alerts of a group, firing and resolved ones mixed. Each becomes one
`SystemAlert` with the same `alert_id` from firing to resolved, because Alertmanager's fingerprint is a hash of the
labels. Labels and texts that don't fit are cut or dropped, never refused: an alert in an odd shape is still an alert.
What isn't Alertmanager's payload at all is refused as a whole.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal

from channels.messages import SystemAlert
from channels.messages.texts import LINE_MAX, NAME_MAX, one_line

VERSION: Final = "4"
"""Of the payload; Alertmanager has sent it since 0.5, with fingerprints since 0.19."""

MOST_ALERTS: Final = 10_000
"""Alerts in one request. `max_alerts` of Alertmanager's receiver bounds them there."""

MOST_LABELS: Final = 64
"""Labels of an alert that are kept."""

_SHOWN: Final = 60
"""Characters of a wrong value that an error quotes."""

_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

_SEVERITIES: Final[dict[str, Literal["info", "warning", "critical"]]] = {
    **dict.fromkeys(("critical", "crit", "page", "error", "err", "emergency", "fatal", "high", "p1"), "critical"),
    **dict.fromkeys(("info", "information", "informational", "notice", "none", "low", "debug", "p4", "p5"), "info"),
}
"""What `severity` often holds. Anything else, and none, is a warning: too quiet would be worse than too loud."""


def parse(payload: object) -> list[SystemAlert]:
    """Read a request's body, parsed as JSON.

    Raises:
        ValueError: it isn't what Alertmanager sends. The text begins with the wrong part's JSON pointer and quotes
            little of it.
    """
    root = _object(payload, "")
    if root.get("version") != VERSION:
        raise _wrong("/version", f"version {VERSION!r} of Alertmanager's webhook", root.get("version"))
    alerts = root.get("alerts")
    if not isinstance(alerts, list):
        raise _wrong("/alerts", "a list", alerts)
    if len(alerts) > MOST_ALERTS:
        raise ValueError(f"/alerts: expected at most {MOST_ALERTS}, came {len(alerts)}; set the receiver's max_alerts")
    return [_alert(_object(alert, f"/alerts/{number}"), f"/alerts/{number}") for number, alert in enumerate(alerts)]


def _alert(alert: Mapping[str, Any], path: str) -> SystemAlert:
    status = alert.get("status")
    if status not in ("firing", "resolved"):
        raise _wrong(f"{path}/status", "firing or resolved", status)
    labels = _texts(alert.get("labels"), f"{path}/labels")
    annotations = _texts(alert.get("annotations"), f"{path}/annotations")
    started = _time(alert.get("startsAt"), f"{path}/startsAt")
    if started is None:
        raise _wrong(f"{path}/startsAt", "the time since when it fires", alert.get("startsAt"))
    ended = _time(alert.get("endsAt"), f"{path}/endsAt") if status == "resolved" else None
    name = one_line(labels.get("alertname", ""), NAME_MAX) or "alert"
    return SystemAlert(
        alert_id=_id(alert.get("fingerprint"), labels, f"{path}/fingerprint"),
        name=name,
        severity=_SEVERITIES.get(labels.get("severity", "").strip().lower(), "warning"),
        status=status,
        summary=_summary(annotations) or name,
        value=_number(annotations.get("value", "")),
        started_at=started,
        # The clock of who fired may be ahead of the clock of who resolved; an end before the start is none.
        ended_at=max(started, ended or started) if status == "resolved" else None,
        labels=_fitting(labels),
    )


def _object(value: object, path: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(path or "payload", "an object", value)
    return value


def _texts(value: object, path: str) -> dict[str, str]:
    if value is None:
        return {}
    for key, text in _object(value, path).items():
        if not isinstance(text, str):
            raise _wrong(f"{path}/{one_line(key, _SHOWN)}", "text", text)
    return dict(_object(value, path))


def _time(value: object, path: str) -> datetime | None:
    """Read a time; the year 1 is how Go writes none."""
    if value is None or value == "":
        return None
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _wrong(path, "a time such as 2026-11-21T10:15:00Z", value)
    if match[1].startswith("0001"):
        return None
    fraction = (match[2] or "")[:7]  # Go writes nanoseconds
    try:
        return datetime.fromisoformat(f"{match[1]}{fraction}{match[3]}".upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _wrong(path, "a time that exists", value) from None


def _id(fingerprint: object, labels: Mapping[str, str], path: str) -> str:
    if fingerprint is not None and not isinstance(fingerprint, str):
        raise _wrong(path, "text", fingerprint)
    known = one_line(fingerprint or "", NAME_MAX - 13)
    if not known:
        pairs = "\x00".join(f"{name}\x01{labels[name]}" for name in sorted(labels))
        known = hashlib.sha256(pairs.encode(errors="replace")).hexdigest()[:16]
    return f"alertmanager-{known}"


def _summary(annotations: Mapping[str, str]) -> str:
    for name in ("summary", "title", "description", "message"):
        if text := one_line(annotations.get(name, ""), LINE_MAX):
            return text
    return ""


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _fitting(labels: Mapping[str, str]) -> dict[str, str]:
    """Return what may be labels of an alert: neither empty nor endless, and not too many."""
    fitting = {one_line(name, NAME_MAX): one_line(text, NAME_MAX) for name, text in labels.items()}
    return dict([pair for pair in sorted(fitting.items()) if all(pair)][:MOST_LABELS])


def _wrong(path: str, expected: str, came: object) -> ValueError:
    if isinstance(came, str):
        shown = ascii(came if len(came) <= _SHOWN else f"{came[:_SHOWN]}...")
    else:
        shown = "none" if came is None else f"a value of type {type(came).__name__}"
    return ValueError(f"{path}: expected {expected}, came {shown}")
