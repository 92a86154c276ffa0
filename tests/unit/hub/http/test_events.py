"""`GET /events`, from request to stream, without sockets. tests/integration/test_events.py has real ones."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from channels.errors import ErrorCode, ReplyError
from channels.model import Draft, Position
from hub.http.events import Asked
from hub.notify import Inbox
from hub.transports.handover import HandedOver
from hub.transports.stream import StreamConnection
from hub.wiring import Hub, build
from tests.live import settings_for
from tests.unit.hub.http.test_websocket import HttpBooks
from tests.unit.hub.transports.manual import ManualTransport

ASKED = {"channels": "system_alerts", "client_id": "tab"}


class Door:
    """The endpoint of a hub that is put together, and not started."""

    def __init__(self, **options: Any) -> None:
        self.hub: Hub = build(settings_for(**options), inbox=Inbox())
        self.books = HttpBooks()
        self.transport = ManualTransport(self.books)

    def request(self, query: dict[str, str] | None = None, **headers: str) -> web.Request:
        self.books = HttpBooks()
        self.transport = ManualTransport(self.books)
        named = {"Host": "127.0.0.1", **{name.replace("_", "-"): value for name, value in headers.items()}}
        path = f"/events?{urlencode(ASKED if query is None else query)}"
        return make_mocked_request("GET", path, headers=named, protocol=cast(Any, self.books), transport=self.transport)

    async def knock(self, query: dict[str, str] | None = None, **headers: str) -> web.StreamResponse:
        return await self.hub.streams.endpoint.connect(self.request(query, **headers))

    async def publish(self, channel: str = "system_alerts", data: bytes = b"1") -> None:
        await self.hub.engine.publish(Draft(channel, "note", data, "2026-11-21T10:15:00.000000Z"))

    async def refusal(self, query: dict[str, str] | None = None, **headers: str) -> ReplyError:
        with pytest.raises(ReplyError) as caught:
            await self.knock(query, **headers)
        self.nothing_is_left()
        return caught.value

    def nothing_is_left(self) -> None:
        assert (len(self.hub.connections), self.hub.connections.ever) == (0, 0)
        assert self.hub.engine.registry.counts() == {}

    @property
    def answer(self) -> tuple[str, list[dict[str, Any]]]:
        """The answer's head, and the lines behind it."""
        head, _, lines = bytes(self.transport.sent).partition(b"\r\n\r\n")
        return head.decode(), [json.loads(line) for line in lines.splitlines()]


async def test_a_client_comes_in() -> None:
    """It is on its channels and in the directory; aiohttp has let go of it."""
    door = Door()
    assert isinstance(await door.knock(), HandedOver)
    head, messages = door.answer
    assert head.startswith("HTTP/1.1 200 OK\r\n")
    assert "\r\nContent-Type: application/x-ndjson\r\n" in head
    assert [message["type"] for message in messages] == ["connection", "subscribe"]
    assert door.books.ended
    (stream,) = door.hub.connections.of_client("tab")
    assert (stream.session, stream.kind) == (messages[0]["session"], "ndjson")
    assert door.hub.engine.registry.counts() == {"system_alerts": 1}


async def test_what_is_published_while_it_opens_is_in_its_place() -> None:
    """Behind what was missed on its channel; nothing is lost, nothing comes twice."""
    door = Door()
    await door.publish("ai_analysis", b'"before"')
    subscribe = door.hub.engine.subscribe

    async def publishing(subscriber: Any, channel: str, *rest: Any) -> Any:
        if channel == "system_alerts":
            await door.publish("ai_analysis", b'"while"')
            door.hub.fanout.flush()
        return await subscribe(subscriber, channel, *rest)

    door.hub.engine.subscribe = publishing  # type: ignore[method-assign, assignment]
    await door.knock(
        {"channels": "ai_analysis,system_alerts", "since": "ai_analysis::0"}, Accept="application/x-ndjson"
    )
    door.hub.fanout.flush()
    messages = door.answer[1]
    assert [message.get("data", message["type"]) for message in messages] == [
        "connection",
        "subscribe",
        "before",
        "while",
        "subscribe",
    ]


async def test_too_much_while_it_opens() -> None:
    """503: it may try again; nothing is left of it."""
    door = Door(limits__queued_bytes=4096)
    subscribe = door.hub.engine.subscribe

    async def publishing(subscriber: Any, channel: str, *rest: Any) -> Any:
        if channel == "system_alerts":
            await door.publish("ai_analysis", b'"' + b"x" * 5000 + b'"')
            door.hub.fanout.flush()
        return await subscribe(subscriber, channel, *rest)

    door.hub.engine.subscribe = publishing  # type: ignore[method-assign, assignment]
    error = await door.refusal({"channels": "ai_analysis,system_alerts"})
    assert (error.code, error.details) == (ErrorCode.UNAVAILABLE, {"retry_after": 1})


@pytest.mark.parametrize("event", ["revoked", "draining", "full", "taken"])
async def test_what_changes_while_it_opens(event: str) -> None:
    """Nobody could have closed it, so it is asked again at the end."""
    door = Door(limits__connections=1)
    hub = door.hub
    subscribe = hub.engine.subscribe

    async def changing(*rest: Any) -> Any:
        match event:
            case "draining":
                hub.connections.draining = True
            case "full":
                hub.connections.limits = hub.connections.limits.model_copy(update={"connections": 1})
                hub.connections._by_session["other"] = cast(Any, None)
            case "taken":
                hub.connections.check_owner = _refuse  # type: ignore[method-assign, assignment]
            case _:
                hub.sign_in.tickets.check = _refuse  # type: ignore[method-assign, assignment]
        return await subscribe(*rest)

    hub.engine.subscribe = changing  # type: ignore[method-assign, assignment]
    with pytest.raises(ReplyError):
        await door.knock()
    assert hub.connections.ever == 0
    assert hub.engine.registry.counts() == {}


def _refuse(*_: object) -> None:
    raise ReplyError(ErrorCode.INVALID_TOKEN, "not any more")


async def test_a_client_that_is_gone_already() -> None:
    """Nothing is kept of it."""
    door = Door()
    request = door.request()
    door.transport.abort()
    await door.hub.streams.endpoint.connect(request)
    door.nothing_is_left()


async def test_a_stream_that_is_cancelled_while_it_opens() -> None:
    """As one that is refused."""
    door = Door()

    async def stuck(*_: object) -> None:
        await asyncio.Event().wait()

    door.hub.engine.subscribe = stuck  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(door.knock(), name="knock")
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    door.nothing_is_left()


async def test_refusals() -> None:
    """Foreign pages, other formats, and channels that there aren't."""
    door = Door()
    assert (await door.refusal(Origin="https://evil.example")).code is ErrorCode.PERMISSION_DENIED
    assert (await door.refusal({"channels": "nope"})).code is ErrorCode.UNKNOWN_CHANNEL
    response = await door.knock(Accept="text/html")
    assert response.status == 406
    door.nothing_is_left()


async def test_when_to_come_back_is_spread() -> None:
    """From half to one and a half of the option, so that those who were cut together don't come back together."""
    door = Door(events__retry=2.0)
    await door.knock(Accept="text/event-stream")
    _, _, body = bytes(door.transport.sent).partition(b"\r\n\r\n")
    milliseconds = int(body.split(b"\n")[0].removeprefix(b"retry: "))
    assert 1000 <= milliseconds <= 3000


async def test_a_stream_is_closed_like_any_connection() -> None:
    """By its directory; its books are empty when the socket is gone."""
    door = Door()
    await door.knock()
    (stream,) = door.hub.connections
    assert isinstance(stream, StreamConnection)
    stream.close(4003, "over")
    assert door.hub.engine.registry.counts() == {}
    assert door.answer[1][-1]["code"] == 4003
    door.transport.lose()
    assert (len(door.hub.connections), door.hub.connections.closed) == (0, {4003: 1})


# What is asked for.


def read(last: str = "", **query: str) -> Asked:
    headers = {"Last-Event-ID": last} if last else {}
    return Asked.read(make_mocked_request("GET", f"/events?{urlencode(query)}", headers=headers), 3)


def test_a_request_is_read() -> None:
    """Channels in their order, positions, naming; without a client id a new one."""
    asked = read(channels="b,a", since="a:e:1", events="typed", client_id="tab")
    assert asked == Asked(("b", "a"), {"a": Position("e", 1)}, "tab", True)
    assert read(channels="a", events="plain").client_id != read(channels="a").client_id
    assert not read(channels="a").typed


def test_last_event_id_goes_before_since() -> None:
    """It is where the client is; an empty one is none."""
    assert read(channels="a", since="a:e:1", last="a:e:7").since == {"a": Position("e", 7)}
    assert read(channels="a", since="a:e:1", last="").since == {"a": Position("e", 1)}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, ErrorCode.INVALID_COMMAND),
        ({"channels": "a,,b"}, ErrorCode.INVALID_COMMAND),
        ({"channels": "a,a"}, ErrorCode.INVALID_COMMAND),
        ({"channels": "a,b,c,d"}, ErrorCode.TOO_MANY_SUBSCRIPTIONS),
        ({"channels": "a", "since": "x"}, ErrorCode.INVALID_COMMAND),
        ({"channels": "a", "last": "x"}, ErrorCode.INVALID_COMMAND),
        ({"channels": "a", "events": ""}, ErrorCode.INVALID_COMMAND),
        ({"channels": "a", "client_id": ""}, ErrorCode.INVALID_COMMAND),
        ({"channels": "a", "x": "y"}, ErrorCode.INVALID_COMMAND),
        ({"channels": "a", "token": "secret"}, ErrorCode.INVALID_COMMAND),
        ({"channels": "a", "jwt": "secret"}, ErrorCode.INVALID_COMMAND),
    ],
)
def test_what_is_asked_wrongly_is_refused(query: dict[str, str], code: ErrorCode) -> None:
    """And no secret is repeated."""
    with pytest.raises(ReplyError) as caught:
        read(**query)
    assert caught.value.code is code
    assert "secret" not in caught.value.message


def test_nothing_is_there_twice() -> None:
    """It would be open which one counts."""
    with pytest.raises(ReplyError):
        Asked.read(make_mocked_request("GET", "/events?channels=a&channels=b"), 3)
