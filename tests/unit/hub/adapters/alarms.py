"""Processes of one hub that watch themselves, with readings and a clock of the test's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

from channels.local import LocalClaims
from channels.messages import SystemAlert
from channels.push import Push
from hub.adapters.alert_board import AlertBoard
from hub.adapters.alert_desk import AlertDesk, Times
from hub.adapters.alert_notifying import Notifying
from hub.adapters.alert_silencing import Silencing
from hub.adapters.alert_watch import AlertWatch
from hub.adapters.first_come import FirstCome
from hub.notices import Notices
from integrations.system_monitor.book import Book, Entry
from integrations.system_monitor.instruments import Instruments
from integrations.system_monitor.measures import MEASURES, Missing, Reading
from integrations.system_monitor.rules import Rule
from integrations.system_monitor.silences import Silence
from tests.joined import JoinedNoticeboard, Junction
from tests.kit import ManualClock, rest

BUSY = Rule("busy", "process_cpu", 90.0, hold=0.0, clear_hold=0.0, flap_window=0.0)
"""About the process."""
FULL = Rule("full", "host_disk", 90.0, hold=0.0, clear_hold=0.0, flap_window=0.0)
"""About the machine."""


class SharedClaims:
    """Claims of all processes; away while the junction is."""

    def __init__(self, junction: Junction) -> None:
        self._junction = junction
        self._claims = LocalClaims(junction.clock)

    async def claim(self, name: str, seconds: float) -> bool:
        self._junction.require()
        return await self._claims.claim(name, seconds)


class Readings(Instruments):
    """Instruments that show what the test sets."""

    def __init__(self) -> None:
        self.now: dict[str, Reading] = {"broker_away": 0.0, "process_cpu": 0.0, "host_disk": 0.0}

    async def read(self) -> Mapping[str, Reading]:
        return {**dict.fromkeys(MEASURES, Missing("not set")), **self.now}


class RecordingLane:
    """One notifier, that keeps what it is offered."""

    name = "slack:ops"

    def __init__(self) -> None:
        self.offered: list[SystemAlert] = []

    def offer(self, alert: SystemAlert) -> None:
        self.offered.append(alert)


class RecordingNotifiers:
    """A dispatcher that keeps what it is offered."""

    def __init__(self) -> None:
        self.lane = RecordingLane()
        self.offered: list[SystemAlert] = []
        self.acknowledged: list[SystemAlert] = []

    @property
    def lanes(self) -> Sequence[RecordingLane]:
        return (self.lane,)

    def offer(self, alert: SystemAlert) -> None:
        self.offered.append(alert)

    def acknowledge(self, alert: SystemAlert) -> None:
        self.acknowledged.append(alert)


class Process:
    """One process of a hub.

    Attributes:
        readings: what it measures.
        notifiers: whom it tells.
    """

    def __init__(self, hub: HubOfProcesses, node: str, rules: Sequence[Rule], silences: Sequence[Silence]) -> None:
        self.node = node
        self.hub = hub
        self.readings = Readings()
        self.notifiers = RecordingNotifiers()
        self.book = Book(hub.limit, silences)
        self.noticeboard = JoinedNoticeboard(hub.junction)
        notices = Notices(self.noticeboard)
        self.board = AlertBoard(notices, self.book, hub.clock)
        push = Push(self._publish)
        first = FirstCome(hub.claims)
        self.notifying = Notifying(self.notifiers, first, hub.clock, node)
        self.desk = AlertDesk(push, self.book, self.board, first, hub.clock, node, Times(), self.notifying)
        self.silencing = Silencing(self.book, self.board, hub.clock)
        self.watch = AlertWatch(rules, self.readings, self.desk, hub.clock, node, "db-1", hub.new_id)
        notices.start()

    def _publish(self, channel: str, type: str, data: Any) -> bool:
        assert (channel, type) == ("system_alerts", "alert")
        SystemAlert.model_validate(data.model_dump(mode="json"))
        self.hub.published.append((self.node, data))
        return True

    def die(self) -> None:
        """Be gone at once, without a word."""
        self.hub.processes.remove(self)
        self.hub.junction.boards.remove(self.noticeboard)

    @property
    def entry(self) -> Entry:
        """The one alert that fires."""
        (entry,) = (entry for entry in self.book if entry.firing)
        return entry


class HubOfProcesses:
    """What they share.

    Attributes:
        published: what subscribers saw: the process that published it, and the alert.
    """

    def __init__(self, limit: int = 10) -> None:
        self.clock = ManualClock()
        self.junction = Junction(self.clock)
        self.claims = SharedClaims(self.junction)
        self.limit = limit
        self.published: list[tuple[str, SystemAlert]] = []
        self.processes: list[Process] = []
        self._ids = count(1)

    def new_id(self) -> str:
        return f"a-{next(self._ids)}"

    def process(self, node: str, *rules: Rule, silences: Sequence[Silence] = ()) -> Process:
        """Start one."""
        process = Process(self, node, rules or (BUSY, FULL), silences)
        self.processes.append(process)
        return process

    async def turn(self, seconds: float = 5.0) -> None:
        """Let every process look once, and then time pass."""
        for process in self.processes:
            await process.watch.turn()
            await rest()
        self.clock.advance(seconds)

    async def turns(self, seconds: float) -> None:
        """Let so much time pass, with a look each 5 s."""
        for _ in range(int(seconds / 5.0)):
            await self.turn()

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """What was published: process, id, and status."""
        return [(node, alert.alert_id, alert.status) for node, alert in self.published]


def alert_at(clock: ManualClock, alert_id: str = "x-1", **fields: Any) -> SystemAlert:
    """Make an alert of another system, that fires now."""
    parts: dict[str, Any] = {
        "alert_id": alert_id,
        "name": "backup_failed",
        "severity": "critical",
        "status": "firing",
        "summary": "No backup",
        "started_at": datetime.fromtimestamp(clock.now(), UTC),
    }
    return SystemAlert(**(parts | fields))
