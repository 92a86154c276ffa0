"""`WebSocketManager`: the hub's connections as a Python object, from any thread and any loop."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar, cast

import pytest
from aiohttp import web

from channels.engine import Engine, Ports
from channels.errors import ErrorCode, ReplyError
from channels.local import LocalNodes, LocalNoticeboard
from channels.memory import MemoryBroker, MemoryMembership, MemoryPresence
from channels.policy import Principal
from channels.ports import Subscription
from hub.across import join
from hub.closing import CloseCode
from hub.connections import Connections
from hub.fanout import Fanout
from hub.manager import Pending, WebSocketManager
from hub.notices import Notices
from hub.options import LimitOptions
from hub.tasks import Tasks
from hub.transports.websocket import WebSocketConnection
from tests.kit import ManualClock, rest
from tests.unit.hub.stage import PLAIN, POLICY, RecordingHost, check_invariants, messages_in
from tests.unit.hub.transports.manual import ManualTransport

T = TypeVar("T")

SIX = {
    "total_clients",
    "total_channels",
    "total_messages_sent",
    "total_connections_ever",
    "channel_stats",
    "active_channels",
}


class Office:
    """A manager on the test's loop, and connections without sockets."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.clock = ManualClock()
        self.fanout = Fanout(self.loop, 0.0)
        broker = MemoryBroker(self.clock)
        ports = Ports(broker, MemoryPresence(), MemoryMembership(), self.fanout, self.clock)
        self.engine = Engine(POLICY, ports)
        self.connections = Connections(LimitOptions())
        self.host = RecordingHost()
        self.transports: dict[WebSocketConnection, ManualTransport] = {}
        across = join(
            LocalNodes("a"),
            Notices(LocalNoticeboard(self.clock)),
            self.engine,
            self.connections,
            self.fanout,
            self.clock,
            Tasks(),
            lambda: b"",
        )
        self.manager = WebSocketManager(
            self.loop, self.engine, across.control, across.census, self.clock, encoding=PLAIN, queued_bytes=1 << 20
        )

    def connect(self, client_id: str = "tab", user: str | None = None) -> WebSocketConnection:
        connection, transport = self.host.connect(client_id, user)
        self.connections.add(connection)
        self.connections.claim(connection.session, user)
        self.transports[connection] = transport
        return connection

    def heard(self, connection: WebSocketConnection) -> list[dict[str, Any]]:
        """Return the messages that were sent to a connection, up to its close frame."""
        data = bytes(self.transports[connection].sent)
        end = data.find(b"\x88")
        return messages_in(data if end < 0 else data[:end])

    async def in_threads(self, *works: Callable[[], object]) -> None:
        """Run functions in threads at the same time, while the hub's loop turns; failing ones fail the test."""
        failures: list[BaseException] = []
        ready = threading.Barrier(len(works))

        def run(work: Callable[[], object]) -> None:
            try:
                ready.wait(10)
                work()
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=run, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        async with asyncio.timeout(40):
            for thread in threads:
                await asyncio.to_thread(thread.join)
        assert failures == []


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    """An office that works off departures."""
    office = Office()
    task = asyncio.create_task(office.engine.run())
    yield office
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


# Subscribing.


async def test_subscribe_and_unsubscribe(office: Office) -> None:
    """Both tell whether they changed anything; twice is once."""
    ws = office.connect()
    assert await office.manager.subscribe(ws, "news") is True
    assert await office.manager.subscribe(ws, "news") is False
    assert await office.manager.broadcast("news", {"type": "t", "data": 1}) == 1
    assert await office.manager.unsubscribe(ws, "news") is True
    assert await office.manager.unsubscribe(ws, "news") is False
    assert await office.manager.broadcast("news", {"type": "t", "data": 2}) == 0
    await rest()
    assert [message["data"] for message in office.heard(ws)] == [1]


async def test_subscribing_again_leaves_what_the_client_asked_for(office: Office) -> None:
    """An interval that a client wished for isn't taken from it by the server's own code."""
    ws = office.connect()
    await office.engine.subscribe(ws, "pools", subscription=Subscription(interval=1.0))
    assert await office.manager.subscribe(ws, "pools") is False
    assert office.engine.registry.subscription(ws, "pools") == Subscription(interval=1.0)


async def test_subscribing_goes_by_the_connections_own_permissions(office: Office) -> None:
    """The manager gives no rights."""
    ws = office.connect("tab", "alice")
    with pytest.raises(ReplyError) as caught:
        await office.manager.subscribe(ws, "user:bob")
    assert caught.value.code is ErrorCode.PERMISSION_DENIED
    with pytest.raises(ReplyError) as caught:
        await office.manager.subscribe(ws, "nowhere")
    assert caught.value.details["available_channels"][0] == "news"
    assert await office.manager.subscribe(ws, "user:alice")


# Sending.


async def test_broadcast_counts_who_really_gets_it(office: Office) -> None:
    """The number is that of the clients whose sockets carry it."""
    listeners = [office.connect(f"c{number}") for number in range(7)]
    for ws in listeners[:5]:
        await office.manager.subscribe(ws, "news")
    listeners[4].close(1001, "")
    office.engine.leave(listeners[4])
    count = await office.manager.broadcast("news", {"type": "t", "data": {"a": 1}})
    await rest()
    got = [ws for ws in listeners if any(message["type"] == "t" for message in office.heard(ws))]
    assert count == len(got) == 4
    assert await office.manager.broadcast("alerts", {"type": "t"}) == 0


async def test_broadcast_leaves_the_callers_message_alone(office: Office) -> None:
    """It isn't changed; and what the caller changes after the call is not sent."""
    ws = office.connect()
    await office.manager.subscribe(ws, "news")
    message = {"type": "t", "data": {"a": 1}}
    pending = office.manager.broadcast("news", message)
    cast(dict[str, int], message["data"])["a"] = 99
    await pending
    assert message == {"type": "t", "data": {"a": 99}}
    await rest()
    assert office.heard(ws)[0]["data"] == {"a": 1}


async def test_broadcast_adds_the_time_unless_it_is_given(office: Office) -> None:
    """`channel` and `timestamp` are on every publication."""
    ws = office.connect()
    await office.manager.subscribe(ws, "news")
    await office.manager.broadcast("news", {"type": "t"})
    await office.manager.broadcast("news", {"type": "t", "timestamp": "2026-01-01T00:00:00Z"})
    await office.manager.broadcast("news", {"type": "t", "timestamp": 7})
    await rest()
    now = "2027-01-15T08:00:00.000000Z"
    assert [message["timestamp"] for message in office.heard(ws)] == [now, "2026-01-01T00:00:00Z", now]
    assert {message["channel"] for message in office.heard(ws)} == {"news"}


@pytest.mark.parametrize(
    ("channel", "message", "code"),
    [
        ("nowhere", {"type": "t"}, ErrorCode.UNKNOWN_CHANNEL),
        ("strict", {"type": "t", "data": 1}, ErrorCode.INVALID_DATA),
        ("news", {}, ErrorCode.INVALID_COMMAND),
        ("news", {"type": ""}, ErrorCode.INVALID_COMMAND),
        ("news", {"type": 1}, ErrorCode.INVALID_COMMAND),
        ("news", {"type": "t", "data": object()}, ErrorCode.INVALID_JSON),
        ("news", {"type": "\ud800"}, ErrorCode.INVALID_JSON),
        ("news", {"type": "t", "timestamp": "\ud800"}, ErrorCode.INVALID_JSON),
    ],
)
async def test_broadcast_is_refused(office: Office, channel: str, message: dict[str, Any], code: ErrorCode) -> None:
    """When it is awaited, not when it is called; and nobody else notices."""
    ws = office.connect()
    await office.manager.subscribe(ws, "news")
    pending = office.manager.broadcast(channel, message)
    with pytest.raises(ReplyError) as caught:
        await pending
    assert caught.value.code is code
    await rest()
    assert office.heard(ws) == []


async def test_send_to_client(office: Office) -> None:
    """To all tabs of that client, and to nobody else; the count is theirs."""
    one, two, other = office.connect("tab"), office.connect("tab"), office.connect("other")
    message = {"type": "hello", "data": {"a": [1]}}
    pending = office.manager.send_to_client("tab", message)
    cast(dict[str, list[int]], message["data"])["a"].append(99)
    assert await pending == 2
    now = "2027-01-15T08:00:00.000000Z"
    for ws in (one, two):
        assert office.heard(ws) == [{"type": "hello", "data": {"a": [1]}, "timestamp": now}]
    assert office.heard(other) == []
    assert message == {"type": "hello", "data": {"a": [1, 99]}}
    assert await office.manager.send_to_client("tab", {"type": "t", "timestamp": "given"}) == 2
    assert office.heard(one)[1]["timestamp"] == "given"


async def test_send_to_nobody(office: Office) -> None:
    """An unknown client id, one that is closing, and one that has yet to authenticate: 0."""
    assert await office.manager.send_to_client("nobody", {"type": "t"}) == 0
    office.connect("closing").close(1001, "")
    assert await office.manager.send_to_client("closing", {"type": "t"}) == 0
    stranger, transport = office.host.connect("stranger")
    office.connections.add(stranger)
    assert await office.manager.send_to_client("stranger", {"type": "t"}) == 0
    assert bytes(transport.sent) == b""
    with pytest.raises(ReplyError):
        await office.manager.send_to_client("tab", {"type": object()})


async def test_disconnect(office: Office) -> None:
    """The client is told to come back, closed, and off all its channels."""
    ws = office.connect()
    await office.manager.subscribe(ws, "news")
    await office.manager.disconnect(ws, reason="enough")
    assert office.heard(ws) == [{"type": "reconnect", "delay_ms": 1000, "reason": "enough"}]
    assert ws.close_code == CloseCode.DISCONNECTED
    assert office.engine.registry.counts() == {}


async def test_disconnect_for_good(office: Office) -> None:
    """Who is not to come back isn't told to."""
    ws = office.connect()
    await office.manager.disconnect(ws, CloseCode.BANNED)
    assert office.heard(ws) == []
    assert ws.close_code == CloseCode.BANNED


# Numbers.


async def test_get_stats_has_six_keys(office: Office) -> None:
    """Clients and channels now, messages sent and connections since the start, subscribers per channel."""
    a, b = office.connect("a"), office.connect("b")
    await office.manager.subscribe(a, "news")
    await office.manager.subscribe(b, "news")
    await office.manager.subscribe(b, "alerts")
    await office.manager.broadcast("news", {"type": "t"})
    office.transports[a].lose()
    office.connections.remove(a)
    office.engine.leave(a)
    assert office.manager.get_stats() == {
        "total_clients": 1,
        "total_channels": 2,
        "total_messages_sent": 2,
        "total_connections_ever": 2,
        "channel_stats": {"news": 1, "alerts": 1},
        "active_channels": ["news", "alerts"],
    }


async def test_get_hub_stats_is_about_all_processes(office: Office) -> None:
    """The same six keys, and each process's own numbers. From a thread, too."""
    ws = office.connect("a")
    await office.manager.subscribe(ws, "news")
    stats = await office.manager.get_hub_stats()
    assert set(stats) == SIX | {"nodes"}
    assert {key: stats[key] for key in SIX} == office.manager.get_stats()
    assert [node["node"] for node in stats["nodes"]] == ["a"]
    await office.in_threads(lambda: office.manager.get_hub_stats().result())


async def test_empty_channels_are_gone(office: Office) -> None:
    """Also after `unsubscribe`."""
    ws = office.connect()
    await office.manager.subscribe(ws, "news")
    await office.manager.unsubscribe(ws, "news")
    stats = office.manager.get_stats()
    assert (stats["total_channels"], stats["channel_stats"], stats["active_channels"]) == (0, {}, [])


def test_get_stats_when_the_loop_stands_still() -> None:
    """A hub that is not running yet, or no longer, can be asked all the same."""

    async def make() -> Office:
        return Office()

    office = asyncio.run(make())
    assert set(office.manager.get_stats()) == SIX


# From everywhere.


async def test_from_a_thread(office: Office) -> None:
    """`.result()` waits there."""
    ws = office.connect()
    results: list[object] = []

    def work() -> None:
        results.append(office.manager.subscribe(ws, "news").result())
        results.append(office.manager.broadcast("news", {"type": "t"}).result())
        results.append(office.manager.get_stats()["channel_stats"])
        results.append(office.manager.unsubscribe(ws, "news").result())
        with pytest.raises(ReplyError):
            office.manager.subscribe(ws, "nowhere").result()

    await office.in_threads(work)
    assert results == [True, 1, {"news": 1}, True]


async def test_from_another_loop(office: Office) -> None:
    """`await` there, and `asyncio.run` of the call itself."""
    ws = office.connect()
    results: list[object] = []

    async def elsewhere() -> None:
        results.append(await office.manager.subscribe(ws, "news"))
        results.append(await asyncio.create_task(office.manager.broadcast("news", {"type": "t"})))
        results.append(office.manager.get_stats()["total_messages_sent"])

    def work() -> None:
        asyncio.run(elsewhere())
        results.append(asyncio.run(office.manager.unsubscribe(ws, "news")))

    await office.in_threads(work)
    assert results == [True, 1, 1, True]


async def test_waiting_on_the_hubs_own_loop_is_an_error(office: Office) -> None:
    """Rather than a deadlock. What is done already can be asked for."""
    pending = office.manager.broadcast("news", {"type": "t"})
    with pytest.raises(RuntimeError, match="use await instead"):
        pending.result()
    assert await pending == 0
    assert pending.result() == 0


async def test_a_result_that_nobody_asks_for_is_no_matter(office: Office) -> None:
    """The work is done; neither it nor its failure is complained about."""
    ws = office.connect()
    office.manager.subscribe(ws, "news")
    office.manager.subscribe(ws, "nowhere")
    await rest()
    assert office.engine.registry.counts() == {"news": 1}


def test_after_the_loop_is_closed_calls_are_refused() -> None:
    """With `unavailable`, wherever they come from."""

    async def make() -> tuple[Office, WebSocketConnection]:
        office = Office()
        return office, office.connect()

    office, ws = asyncio.run(make())
    for pending in (office.manager.subscribe(ws, "news"), office.manager.broadcast("news", {"type": "t"})):
        with pytest.raises(ReplyError) as caught:
            cast(Pending[object], pending).result()
        assert caught.value.code is ErrorCode.UNAVAILABLE


async def test_a_pending_is_a_coroutine(office: Office) -> None:
    """It can be thrown at and closed like one, begun or not."""
    pending = office.manager.broadcast("news", {"type": "t"})
    with pytest.raises(ValueError, match="thrown"):
        pending.throw(ValueError("thrown"))
    pending = office.manager.broadcast("news", {"type": "t"})
    pending.close()
    pending.send(None)
    pending.close()
    begun = office.manager.broadcast("news", {"type": "t"})
    begun.send(None)
    await rest()
    with pytest.raises(StopIteration) as caught:
        begun.send(None)
    assert caught.value.value == 0
    begun = office.manager.broadcast("news", {"type": "t"})
    begun.send(None)
    with pytest.raises(ValueError, match="thrown"):
        begun.throw(ValueError("thrown"))
    await rest()


async def test_sixteen_threads(office: Office) -> None:
    """They subscribe, unsubscribe, publish, send and count at the same time; the maps agree in the end."""
    channels = ["news", "alerts", "fleeting", "quiet"]
    crowd = [office.connect(f"c{number}") for number in range(24)]
    failures: list[dict[str, Any]] = []

    def work(seed: int) -> None:
        choose = random.Random(seed)
        for _ in range(150):
            ws, channel = choose.choice(crowd), choose.choice(channels)
            match choose.randrange(6):
                case 0 | 1:
                    office.manager.subscribe(ws, channel).result()
                case 2 | 3:
                    office.manager.unsubscribe(ws, channel).result()
                case 4:
                    office.manager.broadcast(channel, {"type": "t", "data": seed}).result()
                    office.manager.send_to_client(ws.client_id, {"type": "direct"}).result()
                case _:
                    stats = office.manager.get_stats()
                    if set(stats) != SIX or sum(stats["channel_stats"].values()) > len(crowd) * len(channels):
                        failures.append(stats)

    await office.in_threads(*(lambda seed=seed: work(seed) for seed in range(16)))
    assert failures == []
    registry = office.engine.registry
    check_invariants(registry)
    expected = {channel: sum(channel in registry.channels_of(ws) for ws in crowd) for channel in channels}
    assert office.manager.get_stats()["channel_stats"] == {name: n for name, n in expected.items() if n}
    for channel in channels:
        for ws in crowd:
            await office.manager.unsubscribe(ws, channel)
    check_invariants(registry)
    assert len(registry) == 0
    await rest()
    assert office.engine._followed == set()


# Embedding.


class SilentResponse(web.WebSocketResponse):
    """A handler's WebSocket, as far as the hub asks it."""

    def __init__(self) -> None:
        super().__init__(compress=False)

    @property
    def closed(self) -> bool:
        return False


class Upgrade:
    """A request, as far as the hub asks it."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport


async def test_embed(office: Office) -> None:
    """A handler's own connection gets publications as long as the block runs, and is on no channel after it."""
    _, transport = office.host.connect()
    request = cast(web.BaseRequest, Upgrade(transport))
    async with office.manager.embed(SilentResponse(), request, "sensor", Principal("alice")) as connection:
        assert await office.manager.subscribe(connection, "user:alice")
        assert await office.manager.broadcast("user:alice", {"type": "t"}) == 1
        await rest()
        assert office.manager.get_stats()["total_clients"] == 0
    assert messages_in(bytes(transport.sent))[0]["type"] == "t"
    assert office.engine.registry.counts() == {}
    assert not connection.is_open
