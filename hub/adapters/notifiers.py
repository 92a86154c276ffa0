"""Notifiers on the hub: made from the section `notifiers`, and measured."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from channels.rate import TokenBucket
from hub.sections.notifiers import EmailOptions, NotifierOptions, NotifiersOptions
from integrations.alert_notifiers import (
    Dispatcher,
    EmailNotifier,
    Filter,
    Lane,
    Limits,
    MailServer,
    Notifier,
    PagerDutyNotifier,
    Pauses,
    SlackNotifier,
    WebhookNotifier,
)


def make_dispatcher(options: NotifiersOptions, now: Callable[[], float] = time.monotonic) -> Dispatcher | None:
    """Make what tells alerts to the configured notifiers; `None` when there are none.

    Args:
        now: seconds, any monotonic clock.

    Raises:
        OSError: a file of authorities (`tls_ca`) can't be used.
    """
    lanes = [_lane(name, entry, notifier, now) for name, entry, notifier in _notifiers(options)]
    return Dispatcher(lanes, options.grace) if lanes else None


def notifier_metrics(dispatcher: Dispatcher | None) -> Iterator[Metric]:
    """Measure the notifiers. The metrics are there also while there are no notifiers."""
    total = CounterMetricFamily(
        "tocsin_alert_notifications",
        "Alerts that notifiers were offered, by what became of them; retried counts tries.",
        labels=["notifier", "outcome"],
    )
    waiting = GaugeMetricFamily(
        "tocsin_alert_notifications_waiting", "Alerts that wait for their notifier.", labels=["notifier"]
    )
    for name, outcomes in (dispatcher.numbers() if dispatcher is not None else {}).items():
        for outcome, number in sorted(outcomes.items()):
            if outcome == "waiting":
                waiting.add_metric([name], number)
            else:
                total.add_metric([name, outcome], number)
    yield total
    yield waiting


def _notifiers(options: NotifiersOptions) -> Iterator[tuple[str, NotifierOptions, Notifier]]:
    for name, slack in options.slack.items():
        yield f"slack:{name}", slack, SlackNotifier(slack.url.get_secret_value())
    for name, email in options.email.items():
        yield f"email:{name}", email, _email(email)
    for name, pagerduty in options.pagerduty.items():
        yield (
            f"pagerduty:{name}",
            pagerduty,
            PagerDutyNotifier(pagerduty.routing_key.get_secret_value(), pagerduty.base),
        )
    for name, hook in options.webhook.items():
        yield f"webhook:{name}", hook, WebhookNotifier(hook.url.get_secret_value(), hook.secret.get_secret_value())


def _lane(name: str, options: NotifierOptions, notifier: Notifier, now: Callable[[], float]) -> Lane:
    return Lane(
        name,
        notifier,
        TokenBucket(options.rate / 60.0, float(options.burst), now()),
        now,
        filter=Filter(options.severities, options.labels, options.resolved),
        limits=Limits(options.queue, options.shown, options.timeout),
        pauses=Pauses(within=options.retry_for),
    )


def _email(options: EmailOptions) -> EmailNotifier:
    context = None if options.tls == "none" else ssl.create_default_context(cafile=options.tls_ca or None)
    server = MailServer(
        options.host, options.port, options.tls, options.username, options.password.get_secret_value(), context
    )
    return EmailNotifier(server, options.sender, options.to)
