"""Event streams and the hub's bounds: limits, slow readers, dead links, drains, and nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections import Counter
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from hub.dialects.sse import SseEncoding
from hub.transports.stream import StreamConnection
from tests.integration.certificate import make_certificate
from tests.integration.event_stream import Kind, Stream, streaming
from tests.live import LiveHub, running, settings_for, until

QUEUE = 64 * 1024
SIZE = 8 * 1024
MOST = 4000
"""Publications after which even the largest kernel buffers are full."""

both = pytest.mark.parametrize("kind", ["sse", "ndjson"])


def small_socket(port: int) -> socket.socket:
    """A socket that takes little until it is read."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect(("127.0.0.1", port))
    made.setblocking(False)
    return made


def small_stream(live: LiveHub) -> AbstractAsyncContextManager[Stream]:
    """A stream to such a socket."""
    return streaming(live.port, dialling={"sock": small_socket(live.port)})


async def subscribed(stream: Stream) -> None:
    assert stream.status == 200
    await stream.until("subscribe")


# Limits.


async def test_streams_count_as_connections() -> None:
    """Together with WebSockets, in all and per address."""
    for limit in ("connections", "connections_per_ip"):
        async with running(settings_for(**{f"limits__{limit}": 2})) as live, live.client():
            async with streaming(live.port) as first, streaming(live.port) as refused:
                await subscribed(first)
                assert refused.status == 503
                error = await refused.error()
                assert (error["code"], error["temporary"]) == ("too_many_connections", True)
                assert refused.headers["retry-after"]
            await until(lambda live=live: len(live.hub.connections) == 1)  # type: ignore[misc]
            async with streaming(live.port) as again:
                await subscribed(again)


async def test_requests_are_rated() -> None:
    """As every request is."""
    options = settings_for(limits__http_requests_per_second=1.0)
    async with running(options) as live, streaming(live.port) as first, streaming(live.port) as second:
        assert {first.status, second.status} == {200, 429}


async def test_a_client_id_belongs_to_one_user(hub: LiveHub) -> None:
    """Streams are found by it, as WebSockets are."""
    async with streaming(hub.port, client_id="mine") as stream, hub.client("mine"):
        await subscribed(stream)
        assert len(hub.hub.connections.of_client("mine")) == 2
        assert await hub.hub.manager.send_to_client("mine", {"type": "note", "data": 1}) == 2
        assert (await stream.message())["data"] == 1


async def test_operators_see_and_disconnect_streams(hub: LiveHub) -> None:
    """With the transport; the stream says why it ended, and that its client may come back."""
    async with streaming(hub.port, kind="ndjson", client_id="mine") as stream:
        await subscribed(stream)
        (connection,) = hub.hub.connections
        assert (connection.kind, connection.address) == ("ndjson", "127.0.0.1")
        await hub.hub.manager.disconnect(connection)
        messages = await stream.rest()
        assert [message["type"] for message in messages] == ["reconnect", "close"]
        assert messages[-1] == {"type": "close", "code": 4003, "reason": "disconnected by the hub", "reconnect": True}
    assert hub.hub.connections.closed == {4003: 1}


# Slow readers.


@pytest.mark.parametrize("tls", [False, True], ids=["tcp", "tls"])
@both
async def test_a_reader_that_stops_is_ended(kind: Kind, tls: bool, tmp_path: Path) -> None:
    """Over the bound; what it got is gapless, the last message says why, and it can be resumed. Others feel nothing."""
    options: dict[str, Any] = {"limits__queued_bytes": QUEUE, "websocket__close_timeout": 5.0}
    options["channels__defaults__history_size"] = MOST
    dialling: dict[str, Any] = {}
    if tls:
        made = make_certificate(tmp_path)
        options |= {"server__tls_certificate": str(made.certificate), "server__tls_key": str(made.key)}
        dialling = {"ssl": made.client(), "server_hostname": "127.0.0.1"}
    async with (
        running(settings_for(**options)) as live,
        streaming(
            live.port, kind=kind, client_id="prompt", dialling={"sock": small_socket(live.port), **dialling}
        ) as prompt,
        streaming(
            live.port, kind=kind, client_id="slow", dialling={"sock": small_socket(live.port), **dialling}
        ) as slow,
    ):
        await subscribed(prompt)
        await subscribed(slow)
        slow.client.pause_reading()
        (connection,) = live.hub.connections.of_client("slow")
        published = 0
        while connection.is_open and published < MOST:
            await live.publish("system_alerts", "event", [published, "x" * SIZE])
            assert (await prompt.publications(1))[0][0] == published
            published += 1
            assert connection.queued_bytes <= QUEUE
        assert (connection.close_code, connection.queued_bytes) == (4002, 0)
        slow.client.resume_reading()
        messages = await slow.rest()
        assert messages.pop() == {
            "type": "close",
            "code": 4002,
            "reason": f"more than {QUEUE} unread bytes; reconnect with since",
            "reconnect": True,
        }
        got = [message["data"][0] for message in messages]
        assert got == list(range(len(got)))
        assert len(got) < published
        seen = slow.parser.last_id
        dialling = {"sock": small_socket(live.port), **dialling}
        async with streaming(live.port, kind=kind, since=seen, dialling=dialling) as again:
            answer = await again.until("subscribe")
            assert answer["recovered"]
            rest = [data[0] for data in await again.publications(answer["replayed"])]
        assert got + rest == list(range(published))


async def test_a_reader_that_never_reads_again_is_cut() -> None:
    """Within the close timeout, and nothing of it remains."""
    options = {"limits__queued_bytes": QUEUE, "websocket__close_timeout": 0.2}
    async with running(settings_for(**options)) as live, small_stream(live) as slow:
        await subscribed(slow)
        slow.client.pause_reading()
        for _ in range(MOST):
            await live.publish("system_alerts", "event", "x" * SIZE)
            await asyncio.sleep(0)
        await until(lambda: not len(live.hub.connections))
        assert live.hub.connections.closed == {4002: 1}


async def test_a_reader_that_takes_nothing_is_found_on_a_quiet_channel() -> None:
    """It never reaches the bound on bytes; but from one heartbeat to the next it took not one of those that wait."""
    options = {"limits__queued_bytes": 1 << 30, "websocket__close_timeout": 0.2, "events__heartbeat": 0.3}
    async with running(settings_for(**options)) as live, small_stream(live) as slow:
        await subscribed(slow)
        slow.client.pause_reading()
        (connection,) = live.hub.connections
        while not connection.is_slow:
            await live.publish("system_alerts", "event", "x" * 100_000)
            await asyncio.sleep(0)
        await until(lambda: not len(live.hub.connections))
        assert live.hub.connections.closed == {4000: 1}


async def test_the_kernel_gives_up_dead_links(hub: LiveHub) -> None:
    """After two heartbeats without an acknowledgement, where it can be told."""
    async with streaming(hub.port) as stream:
        await subscribed(stream)
        (connection,) = hub.hub.connections
        assert connection._transport is not None
        found = connection._transport.get_extra_info("socket")
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            assert found.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000


async def test_idle_streams_may_be_ended() -> None:
    """Where an operator wants that: by default who only listens may stay."""
    async with running(settings_for(events__idle_timeout=0.3)) as live, streaming(live.port) as stream:
        await subscribed(stream)
        assert [message["code"] for message in await stream.rest()] == [4001]


# Stopping.


@both
async def test_a_stopping_hub_says_goodbye(kind: Kind) -> None:
    """When to come back, and why. A browser is told by `retry`, too."""
    async with running(settings_for(server__drain=2.0)) as live, streaming(live.port, kind=kind) as stream:
        await subscribed(stream)
        stopping = asyncio.create_task(live.server.stop(), name="stop")
        reconnect, close = await stream.rest()
        await stopping
        assert (reconnect["type"], close["type"]) == ("reconnect", "close")
        assert (close["code"], close["reconnect"]) == (1001, True)
        if kind == "sse":
            assert stream.parser.retry == reconnect["delay_ms"]  # type: ignore[union-attr]


async def test_a_stopping_hub_lets_nobody_in(hub: LiveHub) -> None:
    """503, on a connection that is open already."""
    hub.hub.connections.draining = True
    async with streaming(hub.port) as stream:
        assert stream.status == 503
        assert (await stream.error())["code"] == "unavailable"
    hub.hub.connections.draining = False


# Nothing is left behind.


def _alive() -> Counter[str]:
    gc.collect()
    kinds = Counter(type(found) for found in gc.get_objects())
    return Counter({kind.__name__: kinds[kind] for kind in (StreamConnection, SseEncoding, asyncio.Task)})


@pytest.mark.timeout(120)
async def test_a_thousand_streams_leave_nothing() -> None:
    """No object, no task, no entry in any book, whichever way they end."""
    async with running(settings_for(events__heartbeat=0.5)) as live:
        hub = live.hub
        async with streaming(live.port) as stream:
            await subscribed(stream)
        await until(lambda: not _alive()["StreamConnection"])
        before = _alive()
        for turn in range(20):
            async with asyncio.TaskGroup() as group:
                for number in range(50):
                    group.create_task(_come_and_go(live, number), name=f"stream {turn}.{number}")
            await live.publish("system_alerts", "event", turn)
        await until(lambda: not len(hub.connections))
        await until(lambda: not hub.engine.registry.counts())
        assert hub.connections.ever == 1001
        assert sum(hub.connections.closed.values()) == 1001
        assert (hub.connections._by_client, dict(hub.connections._by_address)) == ({}, {})
        # The books of deadlines name a stream until its next one, which is the heartbeat.
        await until(lambda: _alive() == before)


async def _come_and_go(live: LiveHub, number: int) -> None:
    kind: Kind = "sse" if number % 2 else "ndjson"
    channels = ("system_alerts", "ai_analysis", "system_alerts,ai_analysis")[number % 3]
    async with streaming(
        live.port, channels, kind, client_id=f"c{number}", since=f"{channels.split(',')[0]}::0"
    ) as stream:
        await subscribed(stream)
        if number % 4 == 1:
            stream.client.writer.close()
        elif number % 4 == 2:
            for connection in live.hub.connections.of_client(f"c{number}"):
                connection.close(4003, "over")
            await stream.rest()
