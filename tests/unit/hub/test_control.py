"""What is done to clients wherever they are. Over several processes: tests/integration/test_across.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from channels.errors import ErrorCode, ReplyError
from hub import control as control_module
from hub.closing import CloseCode
from hub.connections import Connections
from hub.control import Control, Tally
from hub.notices import Notices
from hub.options import LimitOptions
from hub.peers import Peers
from hub.reports import Reports
from hub.tasks import Tasks
from hub.transports.websocket import WebSocketConnection
from tests.joined import JoinedNodes, JoinedNoticeboard, Junction
from tests.kit import ManualClock, eventually
from tests.unit.hub.stage import RecordingHost, Stage


class Desk:
    """One of several processes, which may be alone."""

    def __init__(self, junction: Junction, name: str = "a") -> None:
        self.stage = Stage()
        self.host = RecordingHost()
        self.connections = Connections(LimitOptions())
        self.tasks = Tasks()
        nodes = JoinedNodes(junction, name)
        peers = Peers(nodes, Reports(nodes, junction.clock), self.tasks)
        notices = Notices(JoinedNoticeboard(junction))
        self.control = Control(
            self.stage.engine, self.connections, self.stage.fanout, junction.clock, peers, notices, self.tasks
        )
        notices.start()

    def connect(self, client_id: str, user: str | None = None) -> WebSocketConnection:
        connection, _ = self.host.connect(client_id, user)
        self.connections.add(connection)
        self.connections.claim(connection.session, user)
        return connection


@pytest.fixture
async def junction() -> Junction:
    return Junction(ManualClock())


async def test_who_is_closing_is_not_counted(junction: Junction) -> None:
    """Neither disconnected again nor sent anything."""
    desk = Desk(junction)
    live, closing = desk.connect("tab"), desk.connect("tab")
    closing.close(CloseCode.NORMAL, "")
    assert await desk.control.send("tab", {"type": "t"}) == Tally(1)
    assert await desk.control.disconnect("client_id", "tab", CloseCode.DISCONNECTED) == Tally(1)
    assert not live.is_open
    assert await desk.control.send("tab", {"type": "t"}) == Tally(0)


@pytest.mark.parametrize("by", ["client_id", "user", "session"])
async def test_unknown_ones_are_nobody(junction: Junction, by: str) -> None:
    """It is no error."""
    assert await Desk(junction).control.disconnect(by, "x", CloseCode.DISCONNECTED) == Tally(0)  # type: ignore[arg-type]


async def test_a_session_that_is_here_is_nowhere_else(junction: Junction) -> None:
    """So nobody else is asked."""
    here, _ = Desk(junction), Desk(junction, "b")
    connection = here.connect("tab")
    told = junction.nodes[0].told
    await here.control.disconnect("session", connection.session, CloseCode.DISCONNECTED)
    assert told == []


async def test_an_expulsion_is_looked_after_until_it_can_be(
    junction: Junction, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that can't read memberships when it learns of one tries again."""
    monkeypatch.setattr(control_module, "_TRY_AGAIN", 0.0)
    here, there = Desk(junction), Desk(junction, "b")
    tries = 0
    real: Callable[[str, str], Awaitable[int]] = there.stage.engine.dismiss

    async def dismiss(channel: str, user: str) -> int:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise ReplyError(ErrorCode.UNAVAILABLE, "away")
        return await real(channel, user)

    there.stage.engine.dismiss = dismiss  # type: ignore[method-assign]
    tally = await here.control.expel("room:x", "bob")
    assert (tally.number, tally.missing, tally.partial) == (0, ("b",), True)
    await eventually(lambda: tries == 4)
    await eventually(lambda: len(there.tasks) == 0)


async def test_an_expulsion_that_can_not_be_posted_is_partial(junction: Junction) -> None:
    """The user is no member any more, but a process that is cut off may not learn of it."""
    here = Desk(junction)
    assert await here.control.expel("room:x", "bob") == Tally(0)
    assert len(junction.notices) == 1
    junction.away = True
    assert (await here.control.expel("room:x", "bob")).partial
