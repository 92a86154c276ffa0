"""PagerDuty: events, and sending them to a double of PagerDuty."""

from __future__ import annotations

from integrations.alert_notifiers.notice import Notice
from integrations.alert_notifiers.pagerduty import PagerDutyNotifier, dedup_key, event_of
from tests.unit.integrations.alert_notifiers.receivers import Answer, alert, receiving


async def test_firing_triggers_acknowledging_acknowledges_resolved_resolves() -> None:
    """All by one dedup_key."""
    async with receiving() as pagerduty:
        pagerduty.answers = [Answer(202)] * 3
        notifier = PagerDutyNotifier("R" * 32, pagerduty.url)
        await notifier.open()
        await notifier.send(Notice("1", (alert(),)))
        await notifier.send(Notice("2", (alert(),), acknowledged=True))
        await notifier.send(Notice("3", (alert(status="resolved"),)))
        await notifier.close()
    assert {came.path for came in pagerduty.came} == {"/services/T000/SECRET/v2/enqueue"}
    trigger, *others = (came.json for came in pagerduty.came)
    assert trigger == {
        "routing_key": "R" * 32,
        "event_action": "trigger",
        "dedup_key": "a-1",
        "client": "Tocsin",
        "payload": {
            "summary": "pool_exhausted: All 20 connections are in use",
            "severity": "critical",
            "source": "db-1",
            "timestamp": "2026-11-21T10:15:00+00:00",
            "class": "pool_exhausted",
            "custom_details": {"instance": "db-1", "team": "data", "value": 20.0, "threshold": 19.0},
        },
    }
    assert others == [
        {"routing_key": "R" * 32, "event_action": action, "dedup_key": "a-1"} for action in ("acknowledge", "resolve")
    ]


def test_limits_of_the_api() -> None:
    """255 characters of dedup_key, 1,024 of summary."""
    assert dedup_key("a" * 255) == "a" * 255
    assert len(dedup_key("a" * 256)) == 64
    assert dedup_key("a" * 256) != dedup_key("b" * 256)
    payload = event_of(Notice("i", (alert(name="n" * 256, summary="s" * 1000, labels={}),)))["payload"]
    assert len(payload["summary"]) == 1024
    assert payload["source"] == "tocsin"


def test_what_was_missed_is_an_event_of_its_own() -> None:
    """An operator learns that incidents may be missing."""
    event = event_of(Notice("i", (), more=3, missed=2))
    assert event["event_action"] == "trigger"
    assert event["payload"]["summary"] == (
        "Alerts came too fast to be sent one by one: and 3 more alerts. 2 earlier alerts could not be sent."
    )


def test_each_alert_needs_a_message() -> None:
    """The lane then keeps only the newest state of what waits."""
    assert PagerDutyNotifier("key").each
    assert "key" not in repr(PagerDutyNotifier("key"))
