"""Alerts on their whole way: posted over HTTP, through the hub, to doubles of Slack, PagerDuty and a mail server."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from integrations.alert_notifiers.signature import verify
from tests.integration.api_client import api_of
from tests.integration.two_hubs import two
from tests.live import running, settings_for, until
from tests.unit.integrations.alert_notifiers.receivers import Answer, Mailbox, receiving, taking_mail
from tests.unit.integrations.test_alertmanager import alert, payload

SECRET = "a secret of the receiver's"

ALERT = {"alert_id": "b-1", "name": "backup_failed", "severity": "critical", "summary": "No backup since Monday"}


async def test_prometheus_alerts_reach_everybody() -> None:
    """What Alertmanager posts is on the channel and with each notifier, firing and resolved."""
    mailbox = Mailbox()
    async with (
        receiving() as slack,
        receiving() as pagerduty,
        receiving() as desk,
        taking_mail(mailbox, "none", None) as port,
    ):
        notifiers: dict[str, Any] = {
            "notifiers__slack": {"ops": {"url": slack.url}},
            "notifiers__pagerduty": {"oncall": {"routing_key": "k" * 32, "base": pagerduty.url}},
            "notifiers__webhook": {"desk": {"url": desk.url, "secret": SECRET}},
            "notifiers__email": {
                "team": {"port": port, "tls": "none", "sender": "hub@example.com", "to": ["ops@example.com"]}
            },
        }
        async with running(settings_for(**notifiers)) as live, live.client() as client, api_of(live) as api:
            await client.ask(action="subscribe", channel="system_alerts")
            changes: list[dict[str, str]] = [{}, {"status": "resolved", "endsAt": "2026-11-01T10:20:00Z"}]
            for fields in changes:
                posted = await api(
                    "POST", "/api/alerts/alertmanager", payload(alert(startsAt="2026-11-01T10:15:00Z", **fields))
                )
                assert posted.status == 200, posted.json
                heard = await client.receive()
                assert (heard["type"], heard["data"]["status"]) == ("alert", fields.get("status", "firing"))
                sent = 1 + bool(fields)
                for came in (slack.came, pagerduty.came, desk.came, mailbox.came):
                    await until(lambda came=came, sent=sent: len(came) == sent)  # type: ignore[misc]
            exposed = live.hub.metrics.expose().decode()
    assert [came.json["event_action"] for came in pagerduty.came] == ["trigger", "resolve"]
    assert len({came.json["dedup_key"] for came in pagerduty.came}) == 1
    assert "[RESOLVED] critical: PoolExhausted" in json.dumps(slack.came[1].json)
    assert verify(SECRET.encode(), desk.came[0].headers, desk.came[0].body, time.time())
    assert mailbox.came[0][2]["Subject"].startswith("[FIRING] critical: PoolExhausted")
    assert 'tocsin_alert_notifications_total{notifier="pagerduty:oncall",outcome="sent"} 2.0' in exposed


async def test_a_receiver_that_hangs_holds_up_nothing() -> None:
    """Neither the alert on the channel, nor other requests, nor the stop of the hub."""
    async with receiving() as slack:
        slack.answers = [Answer(hang=True)] * 100
        options = {"notifiers__slack": {"ops": {"url": slack.url}}, "notifiers__grace": 0.2}
        began = time.monotonic()
        async with running(settings_for(**options)) as live, live.client() as client, api_of(live) as api:
            await client.ask(action="subscribe", channel="system_alerts")
            for number in range(20):
                posted = await api("POST", "/api/alerts", ALERT | {"alert_id": f"b-{number}"})
                assert posted.status == 200, posted.json
                assert (await client.receive())["data"]["alert_id"] == f"b-{number}"
            await until(lambda: len(slack.came) > 0)
        assert time.monotonic() - began < 8.0


async def test_of_two_hubs_one_notifies() -> None:
    """The alert fires on both; the receiver hears of it once."""
    async with receiving() as desk:
        options: dict[str, Any] = {"notifiers__webhook": {"desk": {"url": desk.url, "secret": SECRET}}}
        fires = ALERT | {"started_at": "2026-11-01T10:15:00Z"}
        async with two(**options) as hubs, api_of(hubs.a) as on_a, api_of(hubs.b) as on_b:
            answers = await asyncio.gather(*(api("POST", "/api/alerts", fires) for api in (on_a, on_b, on_a)))
            assert {answer.status for answer in answers} == {200}
            await until(lambda: len(desk.came) > 0)
            await on_a("POST", "/api/alerts", fires | {"status": "resolved"})
            await until(lambda: any(came.json["alerts"][0]["status"] == "resolved" for came in desk.came))
    assert [came.json["alerts"][0]["status"] for came in desk.came] == ["firing", "resolved"]
