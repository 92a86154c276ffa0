"""What requests about alerts carry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from channels.errors import ErrorCode, ReplyError
from hub.http.api.alert_bodies import AcknowledgeBody, AlertBody, AlertmanagerBody, AlertsQuery, SilenceBody
from integrations.system_monitor.book import Entry

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOW = NOON.timestamp()


def body(**fields: Any) -> AlertBody:
    """Read a body as it comes over the wire."""
    return AlertBody.model_validate({"name": "backup", "summary": "None", **fields})


def test_an_alert_is_the_same_by_name_and_labels() -> None:
    """In whatever order they are written; or by its id."""
    same = [body(labels={"a": "1", "b": "2"}), body(labels={"b": "2", "a": "1"}, summary="Still none")]
    assert len({each.id for each in same}) == 1
    others = [body(), body(name="other"), body(labels={"a": "1"})]
    assert len({each.id for each in (*same, *others)}) == 4
    assert body(alert_id="mine").id == "mine"


def test_what_is_not_said_is_now() -> None:
    """Beginning and end; the caller is the source."""
    alert = body().alert(NOW, "alice", None)
    assert (alert.started_at, alert.ended_at, alert.source, alert.severity) == (NOON, None, "alice", "warning")
    ended = body(status="resolved").alert(NOW, "alice", None)
    assert (ended.started_at, ended.ended_at) == (NOON, NOON)
    early = body(status="resolved", ended_at="2026-11-21T11:00:00Z", source="cron").alert(NOW, "alice", None)
    assert early.started_at == early.ended_at
    assert early.source == "cron"


def test_what_fires_already_began_when_it_began() -> None:
    """As the hub was told the first time."""
    first = body().alert(NOW - 600.0, "alice", None)
    known = Entry(first, "k", "n-1", NOW + 60.0)
    assert body().alert(NOW, "alice", known).started_at == first.started_at
    assert body(status="resolved").alert(NOW, "alice", known).started_at == first.started_at
    known.alert = body(status="resolved").alert(NOW - 300.0, "alice", known)
    assert body().alert(NOW, "alice", known).started_at == NOON


@pytest.mark.parametrize(
    "fields",
    [
        {"ended_at": "2026-11-21T11:00:00Z"},
        {"status": "resolved", "started_at": "2026-11-21T11:00:00Z", "ended_at": "2026-11-21T10:00:00Z"},
    ],
    ids=str,
)
def test_times_that_contradict_each_other_are_refused(fields: dict[str, Any]) -> None:
    """With the field."""
    with pytest.raises(ReplyError, match="ended_at") as refused:
        body(**fields).alert(NOW, "alice", None)
    assert refused.value.code is ErrorCode.INVALID_COMMAND


@pytest.mark.parametrize(
    "wrong",
    [{"severity": "page"}, {"status": "pending"}, {"labels": {"a": 1}}, {"name": "a\nb"}, {"nmae": "x"}],
    ids=str,
)
def test_a_wrong_alert_is_refused(wrong: dict[str, Any]) -> None:
    """Before anything is published."""
    with pytest.raises(ValidationError):
        body(**wrong)


def test_silences_have_matchers_and_an_end() -> None:
    """Within a year."""
    assert SilenceBody.model_validate({"matchers": {"name": "x"}, "seconds": 60}).seconds == 60.0
    for wrong in (
        {"matchers": {}, "seconds": 60},
        {"matchers": {"name": "x"}},
        {"matchers": {"a": "b"}, "seconds": 1e9},
    ):
        with pytest.raises(ValidationError):
            SilenceBody.model_validate(wrong)
    assert AcknowledgeBody().note == ""


def test_which_alerts() -> None:
    """Those with all of the properties that are given."""
    row = {"status": "firing", "severity": "critical", "name": "backup"}
    assert AlertsQuery().wants(row)
    assert AlertsQuery(status="firing", name="backup").wants(row)
    assert not AlertsQuery(status="firing", name="other").wants(row)


def test_alertmanager_may_say_more_than_is_known() -> None:
    """What it says reaches its parser as it is."""
    payload = {"version": "4", "alerts": [], "receiver": "tocsin", "truncatedAlerts": 0}
    assert AlertmanagerBody.model_validate(payload).model_dump() == payload
