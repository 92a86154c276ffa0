"""A webhook to any URL."""

from __future__ import annotations

import pytest

from channels.messages import parse_message
from integrations.alert_notifiers.notice import Notice
from integrations.alert_notifiers.signature import verify
from integrations.alert_notifiers.webhook import WebhookNotifier
from tests.unit.integrations.alert_notifiers.receivers import alert, receiving

SECRET = "a secret of the receiver's"
NOW = 1_795_256_100.7


async def test_the_receiver_can_verify_it() -> None:
    """The body is the alerts as they are on the channel; each try is signed anew, under the same id."""
    times = iter([NOW, NOW + 60])
    async with receiving() as receiver:
        notifier = WebhookNotifier(receiver.url, SECRET, lambda: next(times))
        await notifier.open()
        notice = Notice("m-1", (alert(), alert("b", status="resolved")), more=3, missed=1)
        await notifier.send(notice)
        await notifier.send(notice)
        await notifier.close()
    first, second = receiver.came
    assert verify(SECRET.encode(), first.headers, first.body, NOW)
    assert verify(SECRET.encode(), second.headers, second.body, NOW + 60)
    assert not verify(SECRET.encode(), first.headers, first.body, NOW + 400)
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == first.json["id"] == "m-1"
    assert first.body == second.body
    assert {key: value for key, value in first.json.items() if key != "alerts"} == {
        "version": 1,
        "id": "m-1",
        "more": 3,
        "missed": 1,
    }
    assert tuple(parse_message("alert", data) for data in first.json["alerts"]) == notice.alerts


def test_a_wrong_secret_is_found_at_the_start() -> None:
    """And not repeated."""
    with pytest.raises(ValueError, match="base64") as error:
        WebhookNotifier("http://receiver.example", "whsec_???")
    assert "???" not in str(error.value)
    assert "SECRET" not in repr(WebhookNotifier("http://receiver.example/SECRET", SECRET))
