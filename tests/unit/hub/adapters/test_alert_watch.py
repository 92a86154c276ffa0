"""The watch: one alert for one cause, whichever processes find it and whichever die."""

from __future__ import annotations

from dataclasses import replace

from integrations.system_monitor.evaluation import State
from integrations.system_monitor.measures import Missing
from tests.unit.hub.adapters.alarms import BUSY, FULL, HubOfProcesses


async def test_an_alert_is_told_when_it_fires_and_when_it_is_resolved() -> None:
    """Once each, under one id, with value, bound, labels and times."""
    hub = HubOfProcesses()
    one = hub.process("n-1", replace(BUSY, runbook_url="https://wiki.example/cpu"))
    one.readings.now["process_cpu"] = 97.5
    await hub.turns(20)
    one.readings.now["process_cpu"] = 3.0
    await hub.turns(20)
    (_, fired), (_, resolved) = hub.published
    assert (fired.alert_id, fired.status, fired.value, fired.threshold, fired.unit) == (
        "a-1",
        "firing",
        97.5,
        90.0,
        "%",
    )
    assert (fired.labels, fired.source, fired.metric) == ({"host": "db-1", "node": "n-1"}, "n-1", "process_cpu")
    assert (fired.runbook_url, fired.ended_at) == ("https://wiki.example/cpu", None)
    assert (resolved.alert_id, resolved.status, resolved.value, resolved.reason) == ("a-1", "resolved", 3.0, "cleared")
    assert resolved.started_at == fired.started_at
    assert (resolved.ended_at or fired.started_at) > fired.started_at
    assert [alert.status for alert in one.notifiers.offered] == ["firing", "resolved"]


async def test_each_process_has_alerts_of_its_own() -> None:
    """About itself; all know of all."""
    hub = HubOfProcesses()
    one, two = hub.process("n-1"), hub.process("n-2")
    for process in (one, two):
        process.readings.now["process_cpu"] = 99.0
    await hub.turn()
    assert hub.told == [("n-1", "a-1", "firing"), ("n-2", "a-2", "firing")]
    assert len(one.book) == len(two.book) == 2


async def test_what_several_processes_find_on_their_machine_is_one_alert() -> None:
    """The first one tells, also of the end."""
    hub = HubOfProcesses()
    processes = [hub.process(node) for node in ("n-1", "n-2", "n-3")]
    for process in processes:
        process.readings.now["host_disk"] = 95.0
    await hub.turns(300)
    for process in processes:
        process.readings.now["host_disk"] = 50.0
    await hub.turns(20)
    assert hub.told == [("n-1", "a-1", "firing"), ("n-1", "a-1", "resolved")]
    assert sum(len(process.notifiers.offered) for process in processes) == 2


async def test_processes_that_find_it_at_the_same_moment_agree() -> None:
    """Neither has heard of the other one's alert when it fires."""
    hub = HubOfProcesses()
    one, two = hub.process("n-1"), hub.process("n-2")
    for process in (one, two):
        process.readings.now["host_disk"] = 95.0
    hub.junction.boards.remove(two.noticeboard)
    await one.watch.turn()
    await two.watch.turn()
    hub.junction.boards.append(two.noticeboard)
    two.noticeboard.read()
    await hub.turns(60)
    assert hub.told == [("n-1", "a-1", "firing")]


async def test_it_may_fire_again_soon() -> None:
    """The agreement on who tells is about one time that it fires."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    for value in (95.0, 50.0, 95.0, 50.0):
        one.readings.now["host_disk"] = value
        await hub.turn()
    assert [(alert_id, status) for _, alert_id, status in hub.told] == [
        ("a-1", "firing"),
        ("a-1", "resolved"),
        ("a-2", "firing"),
        ("a-2", "resolved"),
    ]


async def test_another_process_goes_on_with_the_machines_alert() -> None:
    """The one that told of it dies: nothing is told again, and the end comes from the other."""
    hub = HubOfProcesses()
    one, two = hub.process("n-1"), hub.process("n-2")
    for process in (one, two):
        process.readings.now["host_disk"] = 95.0
    await hub.turn()
    one.die()
    await hub.turns(300)
    assert (two.entry.owner, two.entry.alert.alert_id) == ("n-2", "a-1")
    two.readings.now["host_disk"] = 50.0
    await hub.turns(20)
    assert hub.told == [("n-1", "a-1", "firing"), ("n-2", "a-1", "resolved")]


async def test_the_alert_of_a_dead_process_is_resolved_as_stale() -> None:
    """By exactly one of the others, when two leases are over and not before."""
    hub = HubOfProcesses()
    one, *_others = (hub.process(node) for node in ("n-1", "n-2", "n-3"))
    one.readings.now["process_cpu"] = 99.0
    await hub.turn()
    one.die()
    await hub.turns(100)
    assert hub.told == [("n-1", "a-1", "firing")]
    await hub.turns(60)
    assert [status for _, _, status in hub.told] == ["firing", "resolved"]
    assert hub.published[-1][1].reason == "stale"
    assert hub.published[-1][0] in ("n-2", "n-3")


async def test_a_process_that_lives_keeps_its_alert() -> None:
    """However long it fires."""
    hub = HubOfProcesses()
    one, _two = hub.process("n-1"), hub.process("n-2")
    one.readings.now["process_cpu"] = 99.0
    await hub.turns(1_000)
    assert hub.told == [("n-1", "a-1", "firing")]


async def test_a_process_that_stops_ends_what_was_about_it() -> None:
    """What is about the machine is left to the others."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    one.readings.now |= {"process_cpu": 99.0, "host_disk": 95.0}
    await hub.turn()
    await one.watch.stop()
    ended = [(alert.name, alert.reason) for _, alert in hub.published if alert.status == "resolved"]
    assert ended == [("busy", "stopped")]
    assert one.entry.alert.name == "full"


async def test_cut_off_a_process_ends_no_other_ones_alerts() -> None:
    """While the broker is away, silence means nothing; and for a lease after it is back."""
    hub = HubOfProcesses()
    one, two = hub.process("n-1"), hub.process("n-2")
    one.readings.now["process_cpu"] = 99.0
    await hub.turns(10)
    hub.junction.away = True
    for process in (one, two):
        process.readings.now["broker_away"] = 1.0
    await hub.turns(1_000)
    hub.junction.away = False
    for process in (one, two):
        process.readings.now["broker_away"] = 0.0
    await hub.turns(300)
    assert hub.told == [("n-1", "a-1", "firing")]
    assert two.entry.until > hub.clock.now()


async def test_an_alert_that_fires_while_the_broker_is_away_is_shared_later() -> None:
    """It is published and notified at once."""
    hub = HubOfProcesses()
    one, two = hub.process("n-1"), hub.process("n-2")
    hub.junction.away = True
    one.readings.now |= {"process_cpu": 99.0, "host_disk": 95.0, "broker_away": 3.0}
    await hub.turn()
    assert [alert.name for _, alert in hub.published] == ["busy", "full"]
    assert len(one.notifiers.offered) == 2
    assert (len(two.book), one.desk.unshared) == (0, 2)
    hub.junction.away = False
    one.readings.now["broker_away"] = 0.0
    await hub.turn()
    assert len(two.book) == 2


async def test_who_was_cut_off_for_long_begins_a_new_alert() -> None:
    """The others have ended its first one. It never fires twice under one id."""
    hub = HubOfProcesses()
    one, two = hub.process("n-1"), hub.process("n-2")
    one.readings.now["process_cpu"] = 99.0
    await hub.turns(10)
    hub.processes.remove(one)
    await hub.turns(200)
    hub.processes.append(one)
    await hub.turns(20)
    assert [(alert_id, status) for _, alert_id, status in hub.told] == [
        ("a-1", "firing"),
        ("a-1", "resolved"),
        ("a-2", "firing"),
    ]
    assert two.entry.alert.alert_id == "a-2"


async def test_a_process_that_starts_knows_the_alerts() -> None:
    """From the board; those of the process that was there before it go stale, or go on with it."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    one.readings.now |= {"process_cpu": 99.0, "host_disk": 95.0}
    await hub.turn()
    one.die()
    two = hub.process("n-2")
    assert len(two.book) == 2
    two.readings.now["host_disk"] = 95.0
    await hub.turns(200)
    assert hub.told[2:] == [("n-2", "a-1", "resolved")]
    assert (two.entry.owner, two.entry.alert.alert_id) == ("n-2", "a-2")


async def test_a_hub_that_was_down_as_a_whole_ends_what_it_had_begun() -> None:
    """If that was less than an hour: nobody who saw the alert waits for its end for ever."""
    for down, ended in ((3_000.0, 1), (4_000.0, 0)):
        hub = HubOfProcesses()
        one = hub.process("n-1")
        one.readings.now["process_cpu"] = 99.0
        await hub.turn()
        one.die()
        hub.clock.advance(down)
        hub.process("n-2")
        await hub.turns(200)
        assert [alert.reason for _, alert in hub.published[1:]] == ["stale"] * ended


async def test_an_alert_is_repeated_only_where_that_is_wanted() -> None:
    """With its number, and until somebody takes care of it."""
    hub = HubOfProcesses()
    one = hub.process("n-1", replace(BUSY, repeat=60.0))
    one.readings.now["process_cpu"] = 99.0
    await hub.turns(150)
    assert [alert.repetition for _, alert in hub.published] == [None, 1, 2]
    assert {alert.status for _, alert in hub.published} == {"firing"}
    await one.desk.acknowledge("a-1", "alice", "on it")
    await hub.turns(300)
    assert len(hub.published) == 3
    one.readings.now["process_cpu"] = 1.0
    await hub.turn()
    assert (hub.published[-1][1].status, hub.published[-1][1].repetition) == ("resolved", None)


async def test_a_rule_without_data_has_a_state_of_its_own() -> None:
    """And what fires goes on firing."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    one.readings.now |= {"process_cpu": Missing("no"), "host_disk": 95.0}
    await hub.turn()
    one.readings.now["host_disk"] = Missing("no")
    await hub.turns(300)
    assert [evaluation.state for evaluation in one.watch.evaluations] == [State.NO_DATA, State.FIRING]
    assert hub.told == [("n-1", "a-1", "firing")]


async def test_a_key_without_the_process_makes_one_alert_of_several() -> None:
    """For causes that all processes share."""
    hub = HubOfProcesses()
    rule = replace(BUSY, key="everywhere")
    processes = [hub.process(node, rule, FULL) for node in ("n-1", "n-2")]
    for process in processes:
        process.readings.now["process_cpu"] = 99.0
    await hub.turns(60)
    assert hub.told == [("n-1", "a-1", "firing")]
    assert hub.published[0][1].labels == {"host": "db-1"}
