"""Between the book and the noticeboard."""

from __future__ import annotations

import structlog

from tests.kit import rest
from tests.unit.hub.adapters.alarms import HubOfProcesses, alert_at


async def test_a_lease_takes_one_place_on_the_board() -> None:
    """However often it is renewed: only the end of the notice changes."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    one.readings.now["process_cpu"] = 99.0
    await hub.turns(600)
    assert len(hub.junction.notices) == 1
    assert min(hub.junction.notices.values()) > hub.clock.now()


async def test_the_notice_of_an_end_outlasts_that_of_the_alert() -> None:
    """Who reads the board later must not take the alert for one that fires."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    alert = alert_at(hub.clock)
    await one.desk.take(alert)
    hub.clock.advance(10.0)
    await one.desk.take(alert.model_copy(update={"status": "resolved", "ended_at": alert.started_at}))
    firing, resolved = hub.junction.notices.values()
    assert resolved > firing
    for seconds in (0.0, 3_600.0, 40_000.0, 40_000.0):
        hub.clock.advance(seconds)
        later = hub.process(f"n-{seconds}")
        assert not any(entry.firing for entry in later.book), f"after {seconds} s"
        later.die()


async def test_a_description_stays_where_it_is() -> None:
    """A notice has little room; the other processes have the rest."""
    hub = HubOfProcesses()
    one, two = hub.process("n-1"), hub.process("n-2")
    await one.desk.take(alert_at(hub.clock, description="x" * 10_000, labels={"a": "b"}))
    await rest()
    assert one.entry.alert.description == "x" * 10_000
    assert two.entry.alert == one.entry.alert.model_copy(update={"description": None})


async def test_a_notice_that_cannot_be_read_hurts_nobody() -> None:
    """Such as one of another version: counted, and logged once."""
    hub = HubOfProcesses()
    one = hub.process("n-1")
    until = hub.clock.now() + 60.0
    with structlog.testing.capture_logs() as logs:
        for text in (
            '["alert", "k", "n-9"]',
            '["alert", "k", "n-9", "{}"]',
            '["alert", "k", "n-9", "not JSON"]',
            '["alert-ack", "a-1"]',
            '["alert-silence", "s", "by", "", 1.0, "[1]"]',
            '["alert-lift"]',
        ):
            await one.noticeboard.post(text, until)
    assert (one.board.unread, len(one.book)) == (6, 0)
    assert len(logs) == 1
