"""Alerts over HTTP. In several processes: tests/integration/test_alerts_processes.py."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from hub.http.api import alerts
from hub.http.api.alert_bodies import AcknowledgeBody, AlertBody, AlertmanagerBody, AlertsQuery, SilenceBody
from hub.wiring import Hub
from tests.kit import principal
from tests.unit.hub.http.api.calls import call, put_together

BACKUP = AlertBody(name="backup", summary="None since Monday", severity="critical")
ALERTMANAGER = {
    "version": "4",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "DiskFull", "severity": "critical", "instance": "db-1"},
            "annotations": {"summary": "Disk full"},
            "startsAt": "2026-11-21T10:15:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": "0123456789abcdef",
        }
    ],
}


async def post(hub: Hub, body: AlertBody = BACKUP, caller: Principal | None = None) -> str:
    """Post an alert; return its id."""
    answer = await alerts.post_alert(hub, call(body) if caller is None else call(body, caller=caller))
    assert answer.published == 1
    return answer.alert_ids[0]


async def test_a_posted_alert_is_listed_and_ends() -> None:
    """Once each."""
    hub = put_together()
    alert_id = await post(hub)
    again = await alerts.post_alert(hub, call(BACKUP))
    assert (again.alert_ids, again.published) == ([alert_id], 0)
    (row,) = (await alerts.list_alerts(hub, call(query=AlertsQuery()))).alerts
    assert (row.alert_id, row.status, row.source, row.owner) == (alert_id, "firing", "api", hub.across.node)
    await post(hub, BACKUP.model_copy(update={"status": "resolved"}))
    assert (await alerts.list_alerts(hub, call(query=AlertsQuery(status="firing")))).alerts == []
    assert len((await alerts.list_alerts(hub, call(query=AlertsQuery(status="resolved")))).alerts) == 1


async def test_what_alertmanager_posts() -> None:
    """Becomes alerts; anything else is refused with its path."""
    hub = put_together()
    answer = await alerts.post_alertmanager(hub, call(AlertmanagerBody.model_validate(ALERTMANAGER)))
    assert answer.published == 1
    (row,) = (await alerts.list_alerts(hub, call(query=AlertsQuery(name="DiskFull")))).alerts
    assert (row.severity, row.summary, row.labels["instance"]) == ("critical", "Disk full", "db-1")
    with pytest.raises(ReplyError, match="/alerts/0") as refused:
        await alerts.post_alertmanager(hub, call(AlertmanagerBody(version="4", alerts=[1])))
    assert refused.value.code is ErrorCode.INVALID_DATA


async def test_who_may_post() -> None:
    """Whoever may publish on `system_alerts`, and operators."""
    hub = put_together()
    await post(hub, caller=principal("alice", publish=("system_alerts",)))
    for handler, body in (
        (alerts.post_alert, BACKUP),
        (alerts.post_alertmanager, AlertmanagerBody.model_validate(ALERTMANAGER)),
    ):
        with pytest.raises(ReplyError) as refused:
            await handler(hub, call(body, caller=principal("bob")))
        assert refused.value.code is ErrorCode.PERMISSION_DENIED


async def test_who_may_read() -> None:
    """Whoever may subscribe to `system_alerts`, and operators."""
    closed = put_together(channels__named={"system_alerts": {"subscribe": "token"}})
    reader, stranger = principal("alice", subscribe=("system_alerts",)), principal("bob")
    for handler, query in (
        (alerts.list_alerts, AlertsQuery()),
        (alerts.list_alert_rules, None),
        (alerts.list_silences, None),
    ):
        await handler(closed, call(query=query, caller=reader))
        await handler(closed, call(query=query))
        with pytest.raises(ReplyError) as refused:
            await handler(closed, call(query=query, caller=stranger))
        assert refused.value.code is ErrorCode.PERMISSION_DENIED


async def test_an_alert_is_acknowledged() -> None:
    """The answer says by whom; one that isn't there is not found."""
    hub = put_together()
    alert_id = await post(hub)
    caller = Principal("alice", admin=True)
    row = await alerts.acknowledge_alert(hub, call(AcknowledgeBody(note="on it"), caller=caller, alert=alert_id))
    assert row.acknowledged is not None
    assert (row.acknowledged.by, row.acknowledged.note) == ("alice", "on it")
    with pytest.raises(ReplyError) as refused:
        await alerts.acknowledge_alert(hub, call(AcknowledgeBody(), alert="none"))
    assert refused.value.code is ErrorCode.NOT_FOUND


async def test_silences_are_made_and_lifted() -> None:
    """Those of the configuration are listed with them, without an end."""
    hub = put_together(alerts__silences=[{"matchers": {"name": "host_*"}}])
    body = SilenceBody(matchers={"name": "backup"}, seconds=60.0, comment="new disks")
    made = await alerts.make_silence(hub, call(body))
    await post(hub)
    (row,) = (await alerts.list_alerts(hub, call(query=AlertsQuery()))).alerts
    assert (row.silenced, row.silenced_by) == (True, [made.id])
    listed = (await alerts.list_silences(hub, call())).silences
    assert [(silence.by, silence.until is None) for silence in listed] == [("configuration", True), ("operator", False)]
    await alerts.lift_silence(hub, call(silence=made.id))
    assert len((await alerts.list_silences(hub, call())).silences) == 1


async def test_rules_are_listed_before_anything_was_measured() -> None:
    """As having no data."""
    rules = (await alerts.list_alert_rules(put_together(), call())).rules
    assert {node.state for rule in rules for node in rule.nodes} == {"no_data"}
    assert (rules[0].name, rules[0].threshold, rules[0].unit) == ("error_rate", 5.0, "%")


async def test_a_notifier_that_is_not_there_cannot_be_tested() -> None:
    """One that is there gets an alert."""
    with pytest.raises(ReplyError, match="section notifiers") as refused:
        await alerts.send_test_alert(put_together(), call(notifier="slack:ops"))
    assert refused.value.code is ErrorCode.NOT_FOUND
    url = {"url": "http://127.0.0.1:9/x", "secret": "s" * 32}
    hub = put_together(notifiers__webhook={"desk": url})
    answer = await alerts.send_test_alert(hub, call(notifier="webhook:desk"))
    assert (len(answer.alert_ids), answer.published) == (1, 0)
    text = hub.metrics.expose().decode()
    assert 'tocsin_alert_notifications_waiting{notifier="webhook:desk"} 1.0' in text
