"""Telling clients that the broker is away, and back. On sockets: tests/integration/test_across_degraded.py."""

from __future__ import annotations

import asyncio

import pytest
import structlog

from hub import degraded as degraded_module
from hub.connections import Connections
from hub.degraded import REASON, Availability
from hub.options import LimitOptions
from hub.tasks import Tasks
from hub.transports.websocket import WebSocketConnection
from tests.kit import eventually, rest
from tests.unit.hub.stage import RecordingHost, Stage, messages_in


class Post:
    """Connections, and who is told what of the broker. Its patience is 10 ms unless the test says otherwise."""

    def __init__(self, patience: float = 0.01) -> None:
        self.stage = Stage()
        self.host = RecordingHost()
        self.connections = Connections(LimitOptions())
        self.tasks = Tasks()
        self.availability = Availability(
            self.connections, self.stage.fanout, self.stage.clock, self.tasks, patience=patience
        )
        self._sent = {}  # type: ignore[var-annotated]

    def connect(self, client_id: str, *, authenticated: bool = True) -> WebSocketConnection:
        connection, transport = self.host.connect(client_id)
        self.connections.add(connection)
        if authenticated:
            self.connections.claim(connection.session, None)
        self._sent[connection] = transport
        return connection

    def types(self, connection: WebSocketConnection) -> list[str]:
        return [message["type"] for message in messages_in(bytes(self._sent[connection].sent))]

    async def until(self, degraded: bool) -> None:
        """Wait until clients have been told."""
        async with asyncio.timeout(10):
            while self.availability.degraded != degraded or len(self.tasks):  # noqa: ASYNC110 - a timer sets it
                await asyncio.sleep(0.001)


async def test_all_are_told_both() -> None:
    """After the patience, and at once when it is back; the log has the reason, clients don't."""
    post = Post()
    connection = post.connect("a")
    with structlog.testing.capture_logs() as logs:
        post.availability.changed(False, "no route to 10.0.0.7")
        assert (post.availability.available, post.availability.degraded) == (False, False)
        await post.until(True)
        assert post.types(connection) == ["degraded"]
        notice = post.availability.notice
        assert notice is not None
        assert notice["reason"] == REASON
        post.availability.changed(True, "")
        await post.until(False)
    assert post.types(connection) == ["degraded", "restored"]
    assert post.availability.notice is None
    assert [entry.get("reason") for entry in logs] == ["no route to 10.0.0.7", None]


async def test_nobody_is_told_of_one_without_the_other() -> None:
    """Who came in between was told after the welcome; who has yet to authenticate is told later; who came afterwards
    not at all."""
    post = Post()
    early, unknown = post.connect("a"), post.connect("b", authenticated=False)
    post.availability.changed(False, "cut")
    await post.until(True)
    between = post.connect("c")
    post.availability.changed(True, "")
    after = post.connect("d")
    await post.until(False)
    assert [post.types(c) for c in (early, unknown, between, after)] == [["degraded", "restored"], [], ["restored"], []]


async def test_saying_it_again_changes_nothing() -> None:
    """Neither the count of seconds nor what is told."""
    post = Post(patience=30.0)
    post.availability.changed(True, "")
    post.availability.changed(False, "cut")
    post.stage.clock.advance(2.0)
    post.availability.changed(False, "cut")
    post.stage.clock.advance(2.0)
    assert post.availability.seconds_away == 4.0
    post.availability.changed(True, "")
    post.availability.changed(True, "")
    assert post.availability.seconds_away == 4.0
    assert not post.availability.degraded


async def test_many_are_told_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others get the loop in between; the rounds keep their order though the next one comes in the meantime."""
    monkeypatch.setattr(degraded_module, "TURN", 2)
    post = Post(patience=0.0)
    everyone = [post.connect(f"c{n}") for n in range(20)]
    post.availability.changed(False, "cut")
    async with asyncio.timeout(10):
        while not post.types(everyone[0]):  # noqa: ASYNC110 - a timer sets it
            await asyncio.sleep(0)
    assert post.types(everyone[-1]) == []
    post.availability.changed(True, "")
    await eventually(lambda: len(post.tasks) == 0)
    assert {tuple(post.types(connection)) for connection in everyone} == {("degraded", "restored")}


async def test_after_the_stop_nobody_is_told() -> None:
    """The timer is gone."""
    post = Post(patience=0.0)
    connection = post.connect("a")
    post.availability.changed(False, "cut")
    post.availability.stop()
    await asyncio.sleep(0.01)
    await rest()
    assert post.types(connection) == []
