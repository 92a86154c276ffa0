"""Notifiers made from options, and measured."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client.core import Metric

from hub.adapters.notifiers import make_dispatcher, notifier_metrics
from hub.sections.notifiers import NotifiersOptions
from integrations.alert_notifiers import Dispatcher
from tests.live import until
from tests.unit.integrations.alert_notifiers.receivers import Answer, Mailbox, alert, receiving, taking_mail


def make(**kinds: Any) -> Dispatcher:
    dispatcher = make_dispatcher(NotifiersOptions.model_validate(kinds))
    assert dispatcher is not None
    return dispatcher


def samples(metrics: list[Metric]) -> dict[tuple[str, ...], float]:
    return {(s.name, *s.labels.values()): s.value for metric in metrics for s in metric.samples}


def test_without_notifiers_there_is_no_dispatcher() -> None:
    """The metrics are there all the same, without values."""
    assert make_dispatcher(NotifiersOptions()) is None
    metrics = list(notifier_metrics(None))
    assert [metric.name for metric in metrics] == ["tocsin_alert_notifications", "tocsin_alert_notifications_waiting"]
    assert samples(metrics) == {}


async def test_every_kind_is_made_and_counted() -> None:
    """As configured: each gets what is for it."""
    mailbox = Mailbox()
    async with receiving() as receiver, taking_mail(mailbox, "none", None) as port:
        dispatcher = make(
            slack={"ops": {"url": receiver.url, "severities": ["info"]}},
            pagerduty={"oncall": {"routing_key": "k", "base": receiver.url}},
            webhook={"desk": {"url": receiver.url, "secret": "s" * 24, "labels": {"team": "d*"}}},
            email={"team": {"port": port, "tls": "none", "sender": "a@example.com", "to": ["b@example.com"]}},
        )
        await dispatcher.start()
        dispatcher.offer(alert())
        await until(lambda: not any(map(len, dispatcher.lanes)))
        await dispatcher.stop()
        assert sorted(came.path[-9:] for came in receiver.came) == ["00/SECRET", "2/enqueue"]
        assert len(mailbox.came) == 1
    counted = samples(list(notifier_metrics(dispatcher)))
    total = "tocsin_alert_notifications_total"
    assert counted[total, "slack:ops", "filtered"] == 1
    for name in ("pagerduty:oncall", "webhook:desk", "email:team"):
        assert counted[total, name, "sent"] == 1
        assert counted["tocsin_alert_notifications_waiting", name] == 0


async def test_rate_and_retries_are_those_of_the_options() -> None:
    """One message at once and one an hour: the rest waits to be told together. One try, of a tenth of a second."""
    async with receiving() as receiver:
        receiver.answers = [Answer(500)]
        options = {"url": receiver.url, "rate": 1 / 60, "burst": 1, "retry_for": 0.0, "shown": 2, "queue": 5}
        dispatcher = make(slack={"ops": options}, grace=1.0)
        await dispatcher.start()
        dispatcher.offer(alert())
        await until(lambda: dispatcher.numbers()["slack:ops"].get("failed") == 1)
        for number in range(8):
            dispatcher.offer(alert(str(number)))
        assert dispatcher.numbers()["slack:ops"]["waiting"] == 8
        await dispatcher.stop()
        assert len(receiver.came) == 2
    numbers = dispatcher.numbers()["slack:ops"]
    assert (numbers["sent"], numbers["collapsed"], numbers["failed"]) == (2, 6, 1)


def test_authorities_that_can_not_be_read_are_found_at_the_start() -> None:
    """Not with the first alert."""
    with pytest.raises(OSError, match="No such file"):
        make(email={"a": {"sender": "a@b.c", "to": ["d@e.f"], "tls_ca": "/nowhere/ca.pem"}})
