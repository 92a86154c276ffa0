"""All notifiers together, against receivers on real sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from channels.rate import TokenBucket
from integrations.alert_notifiers.dispatcher import Dispatcher
from integrations.alert_notifiers.filter import Filter
from integrations.alert_notifiers.lane import Lane, Limits
from integrations.alert_notifiers.notifier import Notifier
from integrations.alert_notifiers.pagerduty import PagerDutyNotifier
from integrations.alert_notifiers.pauses import Pauses
from integrations.alert_notifiers.slack import SlackNotifier
from integrations.alert_notifiers.webhook import WebhookNotifier
from tests.live import until
from tests.unit.integrations.alert_notifiers.receivers import Answer, alert, receiving

QUICK = Pauses(first=0.01, most=0.02, within=5.0)


def lane(name: str, notifier: Notifier, filter: Filter | None = None, pauses: Pauses = QUICK) -> Lane:
    bucket = TokenBucket(1000.0, 1000.0, time.monotonic())
    limits = Limits(timeout=0.2)
    return Lane(name, notifier, bucket, time.monotonic, filter=filter or Filter(), limits=limits, pauses=pauses)


@asynccontextmanager
async def dispatching(*lanes: Lane, grace: float = 1.0) -> AsyncIterator[Dispatcher]:
    dispatcher = Dispatcher(lanes, grace)
    await dispatcher.start()
    try:
        yield dispatcher
    finally:
        await dispatcher.stop()


async def test_every_notifier_gets_what_is_for_it() -> None:
    """Each in its own words, each counted apart; acknowledging is for incidents only."""
    async with receiving() as slack, receiving() as pagerduty, receiving() as anybody:
        lanes = (
            lane("slack", SlackNotifier(slack.url), Filter(resolved=False)),
            lane("pagerduty", PagerDutyNotifier("key", pagerduty.url), Filter(severities=("critical",))),
            lane("webhook", WebhookNotifier(anybody.url, "secret")),
        )
        async with dispatching(*lanes) as dispatcher:
            dispatcher.offer(alert("a"))
            await until(lambda: not any(map(len, lanes)))
            dispatcher.acknowledge(alert("a"))
            dispatcher.offer(alert("b", severity="info"))
            await until(lambda: not any(map(len, lanes)))
            dispatcher.offer(alert("a", status="resolved"))
            await until(lambda: not any(map(len, lanes)))
        assert (len(slack.came), len(anybody.came)) == (2, 3)
        assert [came.json["event_action"] for came in pagerduty.came] == ["trigger", "acknowledge", "resolve"]
    assert dispatcher.numbers() == {
        "slack": {"sent": 2, "collapsed": 0, "filtered": 2, "unsent": 0, "waiting": 0},
        "pagerduty": {"sent": 3, "collapsed": 0, "filtered": 1, "unsent": 0, "waiting": 0},
        "webhook": {"sent": 3, "collapsed": 0, "filtered": 1, "unsent": 0, "waiting": 0},
    }


@pytest.mark.parametrize(
    "answers",
    [
        [Answer(429, {"Retry-After": "0"}), Answer(200)],
        [Answer(500), Answer(502), Answer(200)],
        [Answer(hang=True), Answer(200)],
    ],
    ids=["busy", "broken", "hangs"],
)
async def test_a_receiver_recovers(answers: list[Answer]) -> None:
    """Busy, broken or silent at first: it gets the alert, once."""
    async with receiving() as slack:
        slack.answers = answers
        tries = len(answers)
        slow = lane("slack", SlackNotifier(slack.url))
        async with dispatching(slow) as dispatcher:
            dispatcher.offer(alert())
            await until(lambda: not len(slow))
        assert len(slack.came) == tries
    assert +slow.outcomes == {"sent": 1, "retried": tries - 1}


async def test_retry_after_is_waited_for() -> None:
    """A receiver that asks for a second gets it."""
    async with receiving() as slack:
        slack.answers = [Answer(429, {"Retry-After": "1"})]
        slow = lane("slack", SlackNotifier(slack.url))
        async with dispatching(slow) as dispatcher:
            began = time.monotonic()
            dispatcher.offer(alert())
            await until(lambda: not len(slow))
            assert time.monotonic() - began >= 1.0
    assert slow.outcomes["sent"] == 1


async def test_nobody_holds_up_the_others_or_the_loop(unused_tcp_port: int) -> None:
    """One receiver hangs, one was never up: the third gets everything, the loop turns, and offering takes no time."""
    async with receiving() as hangs, receiving() as works:
        hangs.answers = [Answer(hang=True)] * 1000
        absent = f"http://127.0.0.1:{unused_tcp_port}/SECRET"
        lanes = (
            lane("hangs", SlackNotifier(hangs.url), pauses=Pauses(first=0.01, most=0.02, within=0.5)),
            lane("absent", WebhookNotifier(absent, "s"), pauses=Pauses(within=60)),
            lane("works", WebhookNotifier(works.url, "s")),
        )
        with capture_logs() as logs:
            async with dispatching(*lanes, grace=0.1) as dispatcher:
                longest = 0.0
                for number in range(200):
                    before = time.perf_counter()
                    dispatcher.offer(alert(str(number)))
                    longest = max(longest, time.perf_counter() - before)
                    await asyncio.sleep(0)
                await until(lambda: not len(lanes[2]))
                await until(lambda: lanes[0].outcomes["failed"] > 0)
        assert sum(len(came.json["alerts"]) for came in works.came) == 200
    assert lanes[2].outcomes["sent"] == 200
    assert longest < 0.05
    for stuck in lanes[:2]:
        assert sum((+stuck.outcomes).values()) - stuck.outcomes["retried"] == 200
        assert stuck.outcomes["unsent"] > 0
    assert "SECRET" not in str(logs)
    assert logs[-1]["event"] == "stopped with alerts that were not sent"


async def test_stopping_sends_what_waits() -> None:
    """Once, without pauses."""
    async with receiving() as slack:
        only = lane("slack", SlackNotifier(slack.url))
        dispatcher = Dispatcher([only])
        dispatcher.offer(alert("early"))
        await dispatcher.start()
        await dispatcher.stop()
        await dispatcher.stop()
        assert len(slack.came) == 1
    assert dispatcher.numbers()["slack"]["sent"] == 1


async def test_stopping_waits_no_longer_than_its_grace() -> None:
    """For a receiver that hangs; what it didn't take is counted."""
    async with receiving() as hangs:
        hangs.answers = [Answer(hang=True)]
        patient = Lane("hangs", SlackNotifier(hangs.url), TokenBucket(1.0, 1.0, 0.0), time.monotonic, limits=Limits())
        dispatcher = Dispatcher([patient], grace=0.05)
        await dispatcher.start()
        dispatcher.offer(alert())
        await until(lambda: len(hangs.came) == 1)
        async with asyncio.timeout(3):
            await dispatcher.stop()
    assert +patient.outcomes == {"unsent": 1}


async def test_without_notifiers_nothing_happens() -> None:
    """An alert is nobody's then."""
    async with dispatching() as dispatcher:
        dispatcher.offer(alert())
        dispatcher.acknowledge(alert())
    assert dispatcher.numbers() == {}
