"""`GET /events` on real sockets: formats, messages, refusals, recovery."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.conformance.raw import dialled
from tests.integration.event_stream import Kind, Stream, request, streaming
from tests.live import LiveHub, running, settings_for, until

both = pytest.mark.parametrize("kind", ["sse", "ndjson"])


async def opened(stream: Stream, channels: int = 1) -> list[dict[str, Any]]:
    """Read up to the last `subscribe`; return them."""
    assert stream.status == 200
    welcome = await stream.message()
    assert (welcome["type"], welcome["status"]) == ("connection", "connected")
    return [await stream.until("subscribe") for _ in range(channels)]


# What comes.


@both
async def test_publications_come(hub: LiveHub, kind: Kind) -> None:
    """First the welcome, then the answer for each channel, then what is published: as on a WebSocket."""
    async with streaming(hub.port, "system_alerts,ai_analysis", kind, client_id="tester") as stream:
        welcome = await stream.message()
        assert welcome == {
            "type": "connection",
            "status": "connected",
            "client_id": "tester",
            "session": welcome["session"],
            "user": "tester",
            "timestamp": welcome["timestamp"],
            "protocol": 1,
            "channels": ["system_alerts", "ai_analysis"],
            "heartbeat": 30.0,
            "operator": True,
        }
        answers = [await stream.message(), await stream.message()]
        assert [(answer["type"], answer["channel"], answer["subscribers"]) for answer in answers] == [
            ("subscribe", "system_alerts", 1),
            ("subscribe", "ai_analysis", 1),
        ]
        async with hub.client("other") as socket:
            await socket.ask(action="subscribe", channel="ai_analysis")
            await hub.publish("ai_analysis", "report", {"n": 1})
            expected = await socket.receive()
        assert await stream.message() == expected
        await hub.publish("system_alerts", "alert", {"n": 2})
        assert (await stream.message())["data"] == {"n": 2}


@both
async def test_headers(hub: LiveHub, kind: Kind) -> None:
    """No cache keeps it, no proxy holds it back, and it ends with the connection."""
    async with streaming(hub.port, kind=kind) as stream:
        headers = stream.headers
        assert headers["content-type"] == {"sse": "text/event-stream", "ndjson": "application/x-ndjson"}[kind]
        assert headers["cache-control"].startswith("no-store")
        assert headers["x-accel-buffering"] == "no"
        assert headers["connection"] == "close"
        assert headers["x-content-type-options"] == "nosniff"
        assert not {"content-length", "transfer-encoding", "set-cookie", "access-control-allow-origin"} & set(headers)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/x-ndjson"),
        ("*/*", "application/x-ndjson"),
        ("application/x-ndjson", "application/x-ndjson"),
        ("text/event-stream", "text/event-stream"),
        ("text/event-stream, */*", "text/event-stream"),
        ("text/*", "text/event-stream"),
        ("application/x-ndjson;q=0.5, text/event-stream;q=0.8", "text/event-stream"),
        ("application/x-ndjson;q=0.8, text/event-stream;q=0.5", "application/x-ndjson"),
    ],
)
async def test_the_format_is_negotiated(hub: LiveHub, accept: str | None, expected: str) -> None:
    """Lines for who doesn't care."""
    async with streaming(hub.port, accept=accept) as stream:
        assert stream.headers["content-type"] == expected


@pytest.mark.parametrize("accept", ["text/html", "application/json", "text/event-stream;q=0"])
async def test_another_format_is_refused(hub: LiveHub, accept: str) -> None:
    """406, saying which there are."""
    async with streaming(hub.port, accept=accept) as stream:
        assert stream.status == 406
        assert (await stream.error())["message"] == "expected Accept: application/x-ndjson or text/event-stream"


async def test_events_can_be_named(hub: LiveHub) -> None:
    """By type, where the page asks for it; then each kind has a listener of its own."""
    async with streaming(hub.port, events="typed") as named, streaming(hub.port, events="plain") as plain:
        await opened(named)
        await opened(plain)
        await hub.publish("system_alerts", "alert", {})
        assert (await named.event()).name == "alert"
        assert (await plain.event()).name == "message"


async def test_the_request_may_come_in_pieces(hub: LiveHub) -> None:
    """Byte by byte, and what comes behind it is nobody's business."""
    async with dialled(hub.port) as client:
        text = request("system_alerts", "sse", {}, {})
        await client.send_apart(text[index : index + 1] for index in range(len(text)))
        stream = Stream(client, "sse", await client.response())
        await opened(stream)
        client.send(b"GET /events HTTP/1.1\r\n\r\n\x00\xff" * 1000)
        await hub.publish("system_alerts", "alert", {"n": 1})
        assert await stream.publications(1) == [{"n": 1}]
        await hub.publish("system_alerts", "alert", {"n": 2})
        assert await stream.publications(1) == [{"n": 2}]


@pytest.mark.parametrize("behind", [b"", b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"])
async def test_a_request_behind_the_request_is_dropped(hub: LiveHub, behind: bytes) -> None:
    """The connection answers nothing more."""
    async with dialled(hub.port) as client:
        client.send(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        client.send(request("system_alerts", "ndjson", {}, {}), behind)
        assert b"200 OK" in (head := await client.response())
        assert json.loads(await client.body(head)) == {"status": "alive"}
        stream = Stream(client, "ndjson", await client.response())
        await opened(stream)
        await hub.publish("system_alerts", "alert", {"n": 1})
        assert await stream.message() | {"timestamp": "", "epoch": ""} == {
            "type": "alert",
            "channel": "system_alerts",
            "data": {"n": 1},
            "timestamp": "",
            "epoch": "",
            "offset": 1,
        }


# Recovery.


@both
async def test_what_was_missed_follows(hub: LiveHub, kind: Kind) -> None:
    """On each channel from its own position; `recovered` says that it is all."""
    async with streaming(hub.port, "system_alerts,ai_analysis", kind) as stream:
        await opened(stream, 2)
        await hub.publish("system_alerts", "alert", 1)
        await hub.publish("ai_analysis", "report", 2)
        assert sorted(await stream.publications(2)) == [1, 2]
        seen = stream.parser.last_id
    for number in range(3, 6):
        await hub.publish("system_alerts" if number % 2 else "ai_analysis", "later", number)
    headers = {"Last-Event-ID": seen} if kind == "sse" else {}
    since = {} if kind == "sse" else {"since": seen}
    async with streaming(hub.port, "system_alerts,ai_analysis", kind, headers=headers, query=since) as stream:
        messages = [await stream.message() for _ in range(6)]
        assert [message.get("recovered") for message in messages] == [None, True, None, None, True, None]
        assert [message["data"] for message in messages if "data" in message] == [3, 5, 4]
        await hub.publish("ai_analysis", "later", 6)
        assert await stream.publications(1) == [6]


@both
async def test_a_gap_is_told(hub: LiveHub, kind: Kind) -> None:
    """Another epoch: what there is comes, and the client knows that it isn't all."""
    await hub.publish("system_alerts", "alert", 1)
    async with streaming(hub.port, kind=kind, since="system_alerts:another:7") as stream:
        (answer,) = await opened(stream)
        assert (answer["recovered"], answer["replayed"]) == (False, 1)
        assert await stream.publications(1) == [1]
        assert stream.parser.last_id == f"system_alerts:{answer['epoch']}:1"


async def test_everything_that_history_holds(hub: LiveHub) -> None:
    """For a page that opens."""
    for number in range(3):
        await hub.publish("system_alerts", "alert", number)
    async with streaming(hub.port, since="system_alerts::0") as stream:
        assert await stream.publications(3) == [0, 1, 2]


async def test_the_header_is_newer_than_the_url(hub: LiveHub) -> None:
    """A browser comes back to the URL that it began with."""
    for number in range(1, 3):
        await hub.publish("system_alerts", "alert", number)
    published = await hub.publish("system_alerts", "alert", 3)
    assert published.position is not None
    epoch = published.position.epoch
    headers = {"Last-Event-ID": f"system_alerts:{epoch}:2"}
    async with streaming(hub.port, headers=headers, since=f"system_alerts:{epoch}:0") as stream:
        assert await stream.publications(1) == [3]


async def test_a_long_replay_is_no_reason_to_end(hub: LiveHub) -> None:
    """It is history, however much longer than the bound on unread bytes."""
    async with running(settings_for(limits__queued_bytes=4096)) as live:
        for number in range(100):
            await live.publish("system_alerts", "alert", [number, "x" * 2000])
        async with streaming(live.port, since="system_alerts::0") as stream:
            assert [data[0] for data in await stream.publications(100)] == list(range(100))
            await live.publish("system_alerts", "alert", "more")
            assert await stream.publications(1) == ["more"]


# Refusals.


@pytest.mark.parametrize(
    ("channels", "query", "status", "code"),
    [
        ("nope", {}, 404, "unknown_channel"),
        ("system_alerts,nope", {}, 404, "unknown_channel"),
        ("user:somebody", {}, 403, "permission_denied"),
        ("", {}, 400, "invalid_command"),
        ("system_alerts,", {}, 400, "invalid_command"),
        ("system_alerts,system_alerts", {}, 400, "invalid_command"),
        ("a\r\nb", {}, 404, "unknown_channel"),
        ("system_alerts", {"since": "nonsense"}, 400, "invalid_command"),
        ("system_alerts", {"since": "ai_analysis:e:1"}, 400, "invalid_command"),
        ("system_alerts", {"events": "some"}, 400, "invalid_command"),
        ("system_alerts", {"client_id": "a b"}, 400, "invalid_command"),
        ("system_alerts", {"chanels": "x"}, 400, "invalid_command"),
        ("system_alerts", {"token": "x.y.z"}, 400, "invalid_command"),
        ("system_alerts", {"access_token": "x.y.z"}, 400, "invalid_command"),
        (",".join(f"c{number}" for number in range(101)), {}, 409, "too_many_subscriptions"),
    ],
)
async def test_what_can_t_be_is_refused_before_it_begins(
    hub: LiveHub, channels: str, query: dict[str, str], status: int, code: str
) -> None:
    """With the status and in the shape of every HTTP error; and nothing is left of it."""
    async with streaming(hub.port, channels, query=query) as stream:
        assert stream.status == status
        error = await stream.error()
        assert error["code"] == code
        assert "x.y.z" not in error["message"]
    assert len(hub.hub.connections) == 0
    assert hub.hub.engine.registry.counts() == {}


@pytest.mark.parametrize(
    "since", [":" * 5000, "system_alerts:e:1," * 300, "\x00" * 100, "system_alerts:e:" + "9" * 5000]
)
async def test_hostile_positions(hub: LiveHub, since: str) -> None:
    """400, in the URL and in the header."""
    async with streaming(hub.port, since=since[:2500]) as stream:
        assert stream.status == 400
    async with streaming(hub.port, headers={"Last-Event-ID": since}) as stream:
        assert stream.status == 400


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
async def test_only_get(hub: LiveHub, method: str) -> None:
    """405, naming GET."""
    async with dialled(hub.port) as client:
        client.send(request("system_alerts", "sse", {}, {}).replace(b"GET", method.encode(), 1))
        head = await client.response()
        assert b" 405 " in head.split(b"\r\n")[0]
        assert b"Allow: GET" in head


async def test_a_client_that_leaves_is_forgotten(hub: LiveHub) -> None:
    """At once, from everywhere."""
    async with streaming(hub.port) as stream:
        await opened(stream)
        assert hub.hub.engine.registry.counts() == {"system_alerts": 1}
    await until(lambda: len(hub.hub.connections) == 0)
    assert hub.hub.engine.registry.counts() == {}


async def test_a_clean_end_is_no_loss(hub: LiveHub) -> None:
    """A client that closes is counted as 1000, one that is reset as 1006."""
    async with streaming(hub.port) as stream:
        await opened(stream)
        stream.client.writer.close()
        await until(lambda: len(hub.hub.connections) == 0)
    assert hub.hub.connections.closed == {1000: 1}


@both
async def test_heartbeats(kind: Kind) -> None:
    """While nothing is published, so that proxies and clients know that the stream lives."""
    async with running(settings_for(events__heartbeat=0.3)) as live, streaming(live.port, kind=kind) as stream:
        await opened(stream)
        if kind == "ndjson":
            assert set(await stream.until("heartbeat")) == {"type", "timestamp"}
            assert (await stream.message())["type"] == "heartbeat"
            return
        while not stream.parser.comments:
            data = await asyncio.wait_for(stream.client.reader.read(100), 10)
            assert stream.parser.feed(data) == []
