"""The desk: what is published, what is shared, and who is notified."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from channels.errors import ErrorCode, ReplyError
from integrations.system_monitor.silences import Silence
from tests.kit import rest
from tests.unit.hub.adapters.alarms import HubOfProcesses, alert_at


async def test_an_alert_of_another_system_is_told_once() -> None:
    """However often it is posted, and in whatever process; its end, too."""
    hub = HubOfProcesses()
    one, two = hub.process("n-1"), hub.process("n-2")
    alert = alert_at(hub.clock)
    assert await one.desk.take(alert)
    await rest()
    assert not await two.desk.take(alert)
    ended = alert.model_copy(update={"status": "resolved", "ended_at": alert.started_at + timedelta(minutes=1)})
    assert await two.desk.take(ended)
    await rest()
    assert not await one.desk.take(ended)
    assert hub.told == [("n-1", "x-1", "firing"), ("n-2", "x-1", "resolved")]


async def test_systems_that_are_there_twice_post_twice() -> None:
    """To two processes at once, before either has heard of the other's."""
    hub = HubOfProcesses()
    one, two = hub.process("n-1"), hub.process("n-2")
    hub.junction.boards.remove(two.noticeboard)
    alert = alert_at(hub.clock)
    assert [await one.desk.take(alert), await two.desk.take(alert)] == [True, False]


async def test_the_end_of_an_alert_that_nobody_knows_is_told() -> None:
    """A subscriber may know it: the hub may have forgotten it in a restart."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    now = datetime.fromtimestamp(hub.clock.now(), UTC)
    assert await one.desk.take(alert_at(hub.clock, status="resolved", ended_at=now))
    assert hub.told == [("n-1", "x-1", "resolved")]


async def test_an_alert_of_another_system_may_fire_anew() -> None:
    """Under its old id, as Alertmanager's do; the end of the first time ends nothing then."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    first = alert_at(hub.clock)
    hub.clock.advance(60)
    end = first.model_copy(update={"status": "resolved", "ended_at": datetime.fromtimestamp(hub.clock.now(), UTC)})
    for alert, news in ((first, True), (end, True), (alert_at(hub.clock), True), (end, False), (first, False)):
        assert await one.desk.take(alert) is news
    assert one.entry.firing
    hub.clock.advance(60)
    late = datetime.fromtimestamp(hub.clock.now(), UTC)
    second = alert_at(hub.clock, status="resolved", ended_at=late)
    assert await one.desk.take(second), "its firing was missed, and the first time is over, too"


async def test_an_alert_that_is_posted_again_lives_on() -> None:
    """Each time for a day; after that and a lease it is stale."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    alert = alert_at(hub.clock)
    await one.desk.take(alert)
    hub.clock.advance(80_000.0)
    await one.desk.take(alert)
    hub.clock.advance(80_000.0)
    await hub.turns(100)
    assert one.entry.firing
    hub.clock.advance(7_000.0)
    await hub.turn()
    assert hub.published[-1][1].reason == "stale"


async def test_nobody_ends_the_hubs_own_alerts_from_outside() -> None:
    """An id that is taken is refused."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    one.readings.now["process_cpu"] = 99.0
    await hub.turn()
    now = datetime.fromtimestamp(hub.clock.now(), UTC)
    with pytest.raises(ReplyError, match="post under another alert_id") as refused:
        await one.desk.take(alert_at(hub.clock, "a-1", status="resolved", ended_at=now))
    assert refused.value.code is ErrorCode.CONFLICT
    assert one.entry.firing


async def test_a_silent_alert_is_published_and_nobody_is_notified() -> None:
    """Neither of its firing, nor of its end."""
    hub = HubOfProcesses()
    one = hub.process("n-1", silences=[Silence("config-0", {"name": "busy"}, None, "configuration")])
    one.readings.now["process_cpu"] = 99.0
    await hub.turns(60)
    one.readings.now["process_cpu"] = 1.0
    await hub.turn()
    assert [(alert.status, alert.silenced) for _, alert in hub.published] == [("firing", True), ("resolved", True)]
    assert one.notifiers.offered == []
    assert one.notifying.outcomes == {"silenced": 2}


async def test_when_a_silence_ends_people_are_notified_of_what_still_fires() -> None:
    """And of its end."""
    hub = HubOfProcesses()
    one, two = hub.process("n-1"), hub.process("n-2")
    await two.silencing.make(Silence("s-1", {"node": "n-1"}, hub.clock.now() + 100.0, "alice"))
    await rest()
    one.readings.now["process_cpu"] = 99.0
    await hub.turns(60)
    assert one.notifiers.offered == []
    await hub.turns(100)
    assert [alert.status for alert in one.notifiers.offered] == ["firing"]
    one.readings.now["process_cpu"] = 1.0
    await hub.turn()
    assert [alert.status for alert in one.notifiers.offered] == ["firing", "resolved"]
    assert len(hub.published) == 2, "on the channel it was there all the time"


async def test_the_end_of_a_silence_is_heard_of_other_systems_alerts_too() -> None:
    """Which no rule looks at; not of those that somebody takes care of."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    await one.silencing.make(Silence("s-1", {"severity": "*"}, hub.clock.now() + 50.0, "alice"))
    for name in ("x-1", "x-2"):
        await one.desk.take(alert_at(hub.clock, name))
    await one.desk.acknowledge("x-2", "alice", "")
    await hub.turns(50)
    assert one.notifiers.offered == []
    await hub.turns(50)
    assert [alert.alert_id for alert in one.notifiers.offered] == ["x-1"]


async def test_the_end_of_what_was_told_is_told_also_in_a_silence() -> None:
    """Otherwise an incident would stay open elsewhere."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    one.readings.now["process_cpu"] = 99.0
    await hub.turn()
    await one.silencing.make(Silence("s-1", {"name": "*"}, hub.clock.now() + 100.0, "alice"))
    one.readings.now["process_cpu"] = 1.0
    await hub.turn()
    assert [alert.status for alert in one.notifiers.offered] == ["firing", "resolved"]


async def test_an_acknowledgement_is_known_everywhere() -> None:
    """Who, when, and what about it; notifiers that can be told are."""
    hub = HubOfProcesses()
    one, two = hub.process("n-1"), hub.process("n-2")
    one.readings.now["process_cpu"] = 99.0
    await hub.turn()
    await two.desk.acknowledge("a-1", "alice", "on it")
    await rest()
    said = one.entry.acknowledgement
    assert said is not None
    assert (said.by, said.note) == ("alice", "on it")
    assert [alert.alert_id for alert in two.notifiers.acknowledged] == ["a-1"]


async def test_what_cannot_be_acknowledged() -> None:
    """What isn't there, what is over, and anything while the broker is away."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    one.readings.now["process_cpu"] = 99.0
    await hub.turn()
    hub.junction.away = True
    codes = []
    for name in ("a-1", "a-9"):
        with pytest.raises(ReplyError) as refused:
            await one.desk.acknowledge(name, "alice", "")
        codes.append(refused.value.code)
    hub.junction.away = False
    one.readings.now["process_cpu"] = 1.0
    await hub.turn()
    with pytest.raises(ReplyError) as refused:
        await one.desk.acknowledge("a-1", "alice", "")
    assert [*codes, refused.value.code] == [ErrorCode.UNAVAILABLE, ErrorCode.NOT_FOUND, ErrorCode.CONFLICT]


async def test_a_full_book_is_no_reason_to_keep_silent() -> None:
    """What can't be kept is published and notified all the same."""
    hub = HubOfProcesses(limit=1)
    one = hub.process("n-1")
    for name in ("x-1", "x-2"):
        assert await one.desk.take(alert_at(hub.clock, name))
    assert len(hub.published) == len(one.notifiers.offered) == 2
    assert (len(one.book), one.book.overflowed) == (1, 1)
    one.readings.now["process_cpu"] = 99.0
    await hub.turns(30)
    assert len(hub.published) == 3, "the hub's own has room, and is told once"
