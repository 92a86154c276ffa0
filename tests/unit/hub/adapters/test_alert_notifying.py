"""Having people notified. Of what and when: test_alert_desk.py."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from hub.adapters.alert_notifying import Notifying
from hub.adapters.first_come import FirstCome
from tests.unit.hub.adapters.alarms import HubOfProcesses, alert_at


async def test_each_notification_is_sent_by_one_process() -> None:
    """Who comes second leaves it; while the broker is away it is sent, since twice is better than never."""
    hub = HubOfProcesses()
    one, two = hub.process("n-1"), hub.process("n-2")
    alert = alert_at(hub.clock)
    for process in (one, two):
        await process.notifying.notify(alert)
    assert (one.notifying.outcomes, two.notifying.outcomes) == ({"offered": 1}, {"elsewhere": 1})
    hub.junction.away = True
    await two.notifying.notify(alert)
    assert two.notifying.outcomes == {"elsewhere": 1, "offered": 1}


async def test_a_test_goes_to_one_notifier() -> None:
    """And says that it is one. Nothing is published; an unknown name is answered with those that there are."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    one.notifying.test("slack:ops", "test-1")
    (alert,) = one.notifiers.lane.offered
    assert (alert.name, alert.labels, alert.status) == ("test", {"test": "true"}, "firing")
    assert (hub.published, one.notifiers.offered) == ([], [])
    with pytest.raises(ReplyError, match="there are: slack:ops") as refused:
        one.notifying.test("mail", "test-2")
    assert refused.value.code is ErrorCode.NOT_FOUND


async def test_without_notifiers_nobody_is_notified() -> None:
    """Which is counted; and there is none to test."""
    hub = HubOfProcesses()
    notifying = Notifying(None, FirstCome(hub.claims), hub.clock, "n-1")
    await notifying.notify(alert_at(hub.clock))
    notifying.acknowledge(alert_at(hub.clock))
    assert notifying.outcomes == {"nobody": 1}
    with pytest.raises(ReplyError, match="section notifiers"):
        notifying.test("slack:ops", "test-1")


async def test_who_was_not_told_of_an_alert_is_not_told_who_takes_care_of_it() -> None:
    """It was silent."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    one.notifying.acknowledge(alert_at(hub.clock, silenced=True))
    assert one.notifiers.acknowledged == []
