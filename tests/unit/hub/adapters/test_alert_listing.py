"""Alerts and rules of all processes."""

from __future__ import annotations

from dataclasses import replace

from hub.adapters.alert_listing import AlertListing
from hub.http.api.alert_answers import AlertRule, AlertState
from hub.peers import Peers
from hub.reports import Reports
from hub.tasks import Tasks
from integrations.system_monitor.measures import Missing
from tests.joined import JoinedNodes
from tests.unit.hub.adapters.alarms import BUSY, FULL, HubOfProcesses, Process

SLOW = replace(BUSY, hold=600.0)


def listing(process: Process) -> AlertListing:
    """Let a process answer, and ask."""
    hub = process.hub
    nodes = JoinedNodes(hub.junction, process.node)
    peers = Peers(nodes, Reports(nodes, hub.clock), Tasks(), deadline=1.0)
    return AlertListing(process.desk, process.watch, hub.clock, peers)


async def test_the_list_is_that_of_all_processes() -> None:
    """Firing ones, those of other processes that are pending, and those resolved of late, in this order."""
    hub = HubOfProcesses()
    one, two = hub.process("n-1"), hub.process("n-2", SLOW, FULL)
    lists = [listing(process) for process in (one, two)]
    one.readings.now |= {"process_cpu": 99.0, "host_disk": 95.0}
    await hub.turn()
    one.readings.now["process_cpu"] = 1.0
    two.readings.now["process_cpu"] = 91.0
    await hub.turns(20)
    for found in [await each.alerts() for each in lists]:
        assert [(row["status"], row["name"], row["owner"]) for row in found.rows] == [
            ("firing", "full", "n-1"),
            ("pending", "busy", "n-2"),
            ("resolved", "busy", "n-1"),
        ]
        assert (found.missing, found.partial) == ((), False)
        assert [AlertState(**row).name for row in found.rows] == ["full", "busy", "busy"]


async def test_a_process_that_does_not_answer_is_named() -> None:
    """The book has its alerts all the same."""
    hub = HubOfProcesses()
    one, two = hub.process("n-1"), hub.process("n-2")
    ours = listing(one)
    silent = JoinedNodes(hub.junction, two.node)
    two.readings.now["process_cpu"] = 99.0
    await hub.turn()
    found = await ours.alerts()
    assert (found.partial, found.missing) == (True, ("n-2",))
    assert [row["owner"] for row in found.rows] == ["n-2"]
    assert silent.told == []


async def test_the_value_is_that_of_now() -> None:
    """While it fires; with who takes care of it, and what silences it."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    ours = listing(one)
    one.readings.now["process_cpu"] = 99.0
    await hub.turn()
    await one.desk.acknowledge("a-1", "alice", "on it")
    one.readings.now["process_cpu"] = 95.5
    await hub.turn()
    (row,) = (await ours.alerts()).rows
    assert (row["value"], row["acknowledged"]["by"], row["silenced_by"]) == (95.5, "alice", [])
    assert ours.row(one.entry)["alert_id"] == "a-1"


async def test_resolved_alerts_are_listed_for_an_hour() -> None:
    """And then no more."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    ours = listing(one)
    for value in (99.0, 1.0):
        one.readings.now["process_cpu"] = value
        await hub.turn()
    for seconds, number in ((3_580.0, 1), (20.0, 0)):
        hub.clock.advance(seconds)
        assert len((await ours.alerts()).rows) == number


async def test_rules_say_how_they_are_in_each_process() -> None:
    """With value, or why there is none."""
    hub = HubOfProcesses()
    one, two = hub.process("n-1"), hub.process("n-2")
    lists = [listing(process) for process in (one, two)]
    one.readings.now["process_cpu"] = 99.0
    two.readings.now["process_cpu"] = Missing("nobody knows")
    await hub.turn(0.0)
    hub.clock.advance(7.0)
    busy, full = (await lists[0].rules()).rows
    assert (busy["name"], busy["metric"], busy["unit"], busy["clear"]) == ("busy", "process_cpu", "%", 90.0)
    states = [(row["node"], row["state"], row["value"], row["missing"], row["seconds"]) for row in busy["nodes"]]
    assert states == [("n-1", "firing", 99.0, "", 7.0), ("n-2", "no_data", None, "nobody knows", 7.0)]
    assert [row["state"] for row in full["nodes"]] == ["inactive", "inactive"]
    assert AlertRule.model_validate(busy).nodes[0].firings == 1


async def test_each_process_counts_its_own() -> None:
    """So that adding up the processes counts each alert once."""
    hub = HubOfProcesses()
    one, two = hub.process("n-1"), hub.process("n-2", SLOW, FULL)
    lists = [listing(process) for process in (one, two)]
    one.readings.now |= {"process_cpu": 99.0, "host_disk": 95.0}
    two.readings.now["process_cpu"] = 99.0
    await hub.turn()
    assert lists[0].counts() == {("firing", "warning"): 2}
    assert lists[1].counts() == {("pending", "warning"): 1}
