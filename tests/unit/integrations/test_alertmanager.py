"""Alertmanager's webhook: what it posts becomes alerts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.messages import SystemAlert, parse_message
from integrations.alertmanager import MOST_ALERTS, MOST_LABELS, parse

ZERO = "0001-01-01T00:00:00Z"


def alert(**fields: Any) -> dict[str, Any]:
    return {
        "status": "firing",
        "labels": {"alertname": "PoolExhausted", "severity": "critical", "instance": "db-1:9187", "job": "postgres"},
        "annotations": {"summary": "All 20 connections are in use", "description": "for 5 minutes"},
        "startsAt": "2026-11-21T10:15:00.123456789+01:00",
        "endsAt": ZERO,
        "generatorURL": "http://prometheus.example:9090/graph?g0.expr=x",
        "fingerprint": "c6eadffa33fcdf37",
        **fields,
    }


def payload(*alerts: Any, **fields: Any) -> dict[str, Any]:
    return {
        "version": "4",
        "groupKey": '{}:{alertname="PoolExhausted"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "tocsin",
        "groupLabels": {"alertname": "PoolExhausted"},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example:9093",
        "alerts": list(alerts),
        **fields,
    }


def one(**fields: Any) -> SystemAlert:
    (parsed,) = parse(payload(alert(**fields)))
    return parsed


def test_a_firing_alert() -> None:
    """Name, severity, summary, start (in UTC, cut to microseconds) and labels come over; it has no end."""
    assert one() == SystemAlert(
        alert_id="alertmanager-c6eadffa33fcdf37",
        name="PoolExhausted",
        severity="critical",
        status="firing",
        summary="All 20 connections are in use",
        started_at=datetime(2026, 11, 21, 9, 15, 0, 123456, UTC),
        labels={"alertname": "PoolExhausted", "instance": "db-1:9187", "job": "postgres", "severity": "critical"},
    )


def test_a_group_is_several_alerts() -> None:
    """In their order, each with its own status; a group of none is none."""
    resolved = alert(status="resolved", endsAt="2026-11-21T10:20:00Z", fingerprint="b")
    assert [(a.alert_id, a.status) for a in parse(payload(alert(), resolved))] == [
        ("alertmanager-c6eadffa33fcdf37", "firing"),
        ("alertmanager-b", "resolved"),
    ]
    assert parse(payload()) == []


def test_the_id_is_the_same_from_firing_to_resolved() -> None:
    """By the fingerprint; where an old Alertmanager sends none, by all labels."""
    end = {"status": "resolved", "endsAt": "2026-11-21T10:20:00Z"}
    assert one(**end).alert_id == one().alert_id
    labels = alert()["labels"]
    ids = {
        one(fingerprint=None).alert_id,
        one(fingerprint="", labels=dict(reversed(labels.items())), **end).alert_id,
    }
    assert len(ids) == 1
    assert one(fingerprint=None, labels={**labels, "instance": "db-2:9187"}).alert_id not in ids


@pytest.mark.parametrize(
    ("status", "end", "ended"),
    [
        ("firing", ZERO, None),
        ("firing", "2026-11-21T23:00:00Z", None),  # when it would be resolved if nobody said more
        ("resolved", "2026-11-21T10:20:00Z", datetime(2026, 11, 21, 10, 20, tzinfo=UTC)),
        ("resolved", ZERO, datetime(2026, 11, 21, 10, 15, tzinfo=UTC)),
        ("resolved", None, datetime(2026, 11, 21, 10, 15, tzinfo=UTC)),
        ("resolved", "2026-11-21T10:14:59Z", datetime(2026, 11, 21, 10, 15, tzinfo=UTC)),
    ],
)
def test_ends(status: str, end: str | None, ended: datetime | None) -> None:
    """Only what is resolved has one, and never before its start."""
    assert one(status=status, endsAt=end, startsAt="2026-11-21T10:15:00Z").ended_at == ended


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ("critical", "critical"),
        ("Critical ", "critical"),
        ("page", "critical"),
        ("error", "critical"),
        ("warning", "warning"),
        ("ticket", "warning"),
        (None, "warning"),
        ("info", "info"),
        ("none", "info"),
    ],
)
def test_severities(severity: str | None, expected: str) -> None:
    """Usual words have a level; an unknown one, and none, is a warning."""
    labels = {"alertname": "A"} | ({} if severity is None else {"severity": severity})
    assert one(labels=labels).severity == expected


def test_a_summary_is_found() -> None:
    """In the annotations by their usual names, in one line; without them it is the alert's name."""
    assert one(annotations={"description": "first\nsecond"}).summary == "first second"
    assert one(annotations={"summary": " \n", "message": "m"}).summary == "m"
    assert one(annotations=None).summary == "PoolExhausted"
    assert one(annotations={}, labels={}).summary == one(labels={}).name == "alert"


def test_a_value_is_taken_where_it_is_a_number() -> None:
    """From the annotation `value`, which templates fill with `{{ $value }}`."""
    values = [one(annotations={"value": text}).value for text in ("92.5", "92.5 %", "NaN", "+Inf", "")]
    assert values == [92.5, None, None, None, None]


def test_what_is_too_much_is_cut() -> None:
    """Labels and texts are bounded, empty and invisible ones dropped; the alert is taken all the same."""
    many = {f"label_{number:03}": "v" for number in range(100)}
    assert len(one(labels=many).labels) == MOST_LABELS
    odd = one(labels={"alertname": "N" * 500, "empty": "", "\x00": "x", "host": "a\u202eb\n", "long": "x" * 500})
    assert set(odd.labels) == {"alertname", "host", "long"}
    assert odd.labels["host"] == "a b"
    assert odd.labels["long"] == "x" * 253 + "..."
    assert len(odd.name) == 256
    assert len(one(annotations={"summary": "s" * 100_000}).summary) == 1000
    assert len(one(fingerprint="f" * 500).alert_id) <= 256


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (None, "payload: expected an object, came none"),
        ([], "payload: expected an object, came a value of type list"),
        ({}, "/version: expected version '4' of Alertmanager's webhook, came none"),
        (payload(version="3"), "/version: expected version '4' of Alertmanager's webhook, came '3'"),
        (payload(alerts={}), "/alerts: expected a list, came a value of type dict"),
        (payload(alert(), "x"), "/alerts/1: expected an object, came 'x'"),
        (payload(alert(status="gone")), "/alerts/0/status: expected firing or resolved, came 'gone'"),
        (payload(alert(status=["firing"])), "/alerts/0/status: expected firing or resolved, came a value of type list"),
        (payload(alert(labels=[])), "/alerts/0/labels: expected an object, came a value of type list"),
        (payload(alert(labels={"a": 1})), "/alerts/0/labels/a: expected text, came a value of type int"),
        (payload(alert(annotations={"a": None})), "/alerts/0/annotations/a: expected text, came none"),
        (payload(alert(startsAt=None)), "/alerts/0/startsAt: expected the time since when it fires, came none"),
        (payload(alert(startsAt=ZERO)), f"/alerts/0/startsAt: expected the time since when it fires, came '{ZERO}'"),
        (payload(alert(startsAt="now")), "/alerts/0/startsAt: expected a time such as .*, came 'now'"),
        (payload(alert(startsAt="2026-02-30T00:00:00Z")), "/alerts/0/startsAt: expected a time that exists, came .*"),
        (payload(alert(startsAt="9999-12-31T23:59:59-23:00")), "/alerts/0/startsAt: expected a time that exists.*"),
        (payload(alert(status="resolved", endsAt=5)), "/alerts/0/endsAt: expected a time such as .*type int"),
        (payload(alert(fingerprint=7)), "/alerts/0/fingerprint: expected text, came a value of type int"),
        (payload(alerts=[{}] * (MOST_ALERTS + 1)), "/alerts: expected at most 10000, came 10001; set .*max_alerts"),
    ],
)
def test_what_is_wrong_is_named(wrong: object, message: str) -> None:
    """By its path, with what was expected and what came."""
    with pytest.raises(ValueError, match=r".*") as error:
        parse(wrong)
    assert re.fullmatch(message, str(error.value))


def test_an_error_stays_short() -> None:
    """Whatever came."""
    with pytest.raises(ValueError, match="/alerts/0/status") as error:
        parse(payload(alert(status="x" * 1_000_000)))
    assert len(str(error.value)) < 200


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["firing", "resolved", ZERO]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(fields=st.dictionaries(st.sampled_from([*alert()]), _JSON))
def test_any_alert_is_taken_or_refused(fields: dict[str, Any]) -> None:
    """With `ValueError` and nothing else; what is taken is a message that the hub knows."""
    try:
        taken = parse(payload(alert(**fields)))
    except ValueError as error:
        said = str(error)
    else:
        said = "/alerts/0"
        assert [parse_message("alert", a.model_dump(mode="json")) for a in taken] == taken
    assert said.startswith("/alerts/0")
