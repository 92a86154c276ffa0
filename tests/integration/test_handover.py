"""Taking connections out of aiohttp's hands, on real sockets, over TCP and TLS: what must hold of every aiohttp."""

from __future__ import annotations

import asyncio
import gc
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from tests.conformance.echo import echoing
from tests.conformance.raw import PING, PONG, TEXT, Frame, RawClient, close, dialled, frame, request, text, upgraded
from tests.integration.certificate import Certificate, make_certificate
from tests.live import LiveHub, running, settings_for, until

SUBSCRIBE = text('{"action": "subscribe", "channel": "system_alerts"}')

PING_COMMAND = text('{"action": "ping"}')


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for 127.0.0.1."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@dataclass
class Wire:
    """How clients reach the hub: the settings for it, and the options for `dialled`."""

    settings: dict[str, Any] = field(default_factory=dict)
    dialling: dict[str, Any] = field(default_factory=dict)
    server: ssl.SSLContext | None = None


@pytest.fixture(params=["tcp", "tls"])
def wire(request: pytest.FixtureRequest) -> Wire:
    """TCP, and TLS over it."""
    if request.param == "tcp":
        return Wire()
    files: Certificate = request.getfixturevalue("certificate")
    options = {"server__tls_certificate": str(files.certificate), "server__tls_key": str(files.key)}
    return Wire(options, {"ssl": files.client()}, files.server())


@asynccontextmanager
async def met(live: LiveHub, wire: Wire) -> AsyncIterator[RawClient]:
    """Open a WebSocket and read the welcome."""
    async with dialled(live.port, **wire.dialling) as client:
        client.send(request())
        assert (await client.response()).startswith(b"HTTP/1.1 101 ")
        assert (await message(client))["type"] == "connection"
        yield client


async def message(client: RawClient) -> dict[str, Any]:
    """Return the next message."""
    got = await client.receive()
    assert got.opcode == TEXT
    value: dict[str, Any] = json.loads(got.payload)
    return value


def of_aiohttp() -> list[object]:
    """Return what aiohttp's server holds for connections and requests, in the whole process."""
    gc.collect()
    kinds = (RequestHandler, web.BaseRequest)
    return [thing for thing in gc.get_objects() if isinstance(thing, kinds) or type(thing).__name__ in _PARSERS]


_PARSERS = ("HttpRequestParser", "HttpRequestParserC", "HttpRequestParserPy")


def none_but(known: list[object]) -> bool:
    """Tell whether aiohttp holds nothing that it didn't hold before."""
    before = {id(thing) for thing in known}
    return all(id(thing) in before for thing in of_aiohttp())


async def test_a_handed_over_connection_works(wire: Wire) -> None:
    """Commands, publications, pings and the closing handshake."""
    async with running(settings_for(**wire.settings)) as live, met(live, wire) as client:
        client.send(SUBSCRIBE)
        assert (await message(client))["status"] == "success"
        for number in range(50):
            await live.publish("system_alerts", "event", "x" * number * 100)
            assert (await message(client))["data"] == "x" * number * 100
        client.send(frame(PING, b"?"))
        assert await client.receive() == Frame(PONG, b"?")
        client.send(close(1000))
        assert await client.close_code() == 1000
        await until(lambda: not len(live.hub.connections))


async def test_aiohttp_holds_nothing_of_it(wire: Wire) -> None:
    """Neither protocol nor request, parser, task or timer is left, while the connection lives and is used."""
    async with running(settings_for(**wire.settings)) as live:
        known, tasks = of_aiohttp(), asyncio.all_tasks()
        async with met(live, wire) as first, met(live, wire) as second:
            for client in (first, second):
                client.send(SUBSCRIBE)
                await message(client)
            await until(lambda: none_but(known))
            await until(lambda: asyncio.all_tasks() <= tasks)
            assert len(live.hub.connections) == 2


async def test_a_request_that_is_not_handed_over_is_seen(wire: Wire) -> None:
    """The test before looks in the right place: an ordinary keep-alive connection does hold a protocol."""
    async with running(settings_for(**wire.settings)) as live:
        known = of_aiohttp()
        async with dialled(live.port, **wire.dialling) as client:
            client.send(request({"Upgrade": None, "Connection": None}, path="/healthz"))
            await client.response()
            assert not none_but(known)


async def test_keep_alive_does_not_cut_it(wire: Wire) -> None:
    """aiohttp closes idle HTTP connections after a time; one that was handed over is none."""
    async with (
        echoing(tls=wire.server, keepalive_timeout=0.05) as server,
        dialled(server.port, **wire.dialling) as idle,
        dialled(server.port, **wire.dialling) as client,
    ):
        client.send(request())
        await client.response()
        assert await idle.reader.read() == b"", "an idle HTTP connection is closed"
        await asyncio.sleep(0.1)  # twice the time, once more
        client.send(text("still here"))
        assert await client.receive() == Frame(TEXT, b"still here")


async def test_a_stopping_server_says_goodbye(wire: Wire) -> None:
    """aiohttp no longer knows the connection; the hub closes it with 1001, and stops without waiting for a timeout."""
    async with running(settings_for(**wire.settings)) as live, met(live, wire) as client:

        async def leave() -> int:
            _, code = await client.texts_until_close_frame()
            client.send(close(code))
            async with asyncio.timeout(5):
                await client.reader.read()
            return code

        leaving = asyncio.create_task(leave())
        async with asyncio.timeout(3):
            await live.server.stop()
        assert await leaving == 1001
        assert len(live.hub.connections) == 0


async def test_a_client_that_is_gone_leaves_nothing(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    """Cut before, while and after the upgrade is answered: no connection stays, and nothing is logged as a fault."""
    async with running(settings_for(**wire.settings)) as live:
        known = of_aiohttp()
        for turns in range(20):
            async with dialled(live.port, **wire.dialling) as client:
                client.send(request(), SUBSCRIBE)
                for _ in range(turns):
                    await asyncio.sleep(0)
        await until(lambda: not len(live.hub.connections))
        await until(lambda: none_but(known))
    assert [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []


async def test_a_client_that_stops_sending_is_let_go(wire: Wire) -> None:
    """The end of its stream behind the request is the end of the connection."""
    async with running(settings_for(**wire.settings)) as live, dialled(live.port, **wire.dialling) as client:
        client.send(request())
        if client.writer.can_write_eof():
            client.writer.write_eof()
        else:
            client.writer.close()
        async with asyncio.timeout(5):
            await client.reader.read()
        await until(lambda: not len(live.hub.connections))


async def test_requests_may_come_before_the_upgrade(wire: Wire) -> None:
    """A connection that served HTTP, and a refused upgrade, can still be upgraded; answers come in order."""
    async with running(settings_for(**wire.settings)) as live, dialled(live.port, **wire.dialling) as client:
        for headers in ({"Upgrade": None, "Connection": None}, {"Sec-WebSocket-Version": "12"}):
            client.send(request(headers))
            answer = await client.response()
            assert answer.startswith(b"HTTP/1.1 426 ")
            await client.body(answer)
        client.send(request(), PING_COMMAND)
        assert (await client.response()).startswith(b"HTTP/1.1 101 ")
        assert [(await message(client))["type"] for _ in range(2)] == ["connection", "pong"]


REFUSED = {
    "a plain GET": (request({"Upgrade": None, "Connection": None}), 426),
    "another protocol": (request({"Upgrade": "h2c"}), 426),
    "another version": (request({"Sec-WebSocket-Version": "8"}), 426),
    "no version": (request({"Sec-WebSocket-Version": None}), 426),
    "no key": (request({"Sec-WebSocket-Key": None}), 400),
    "a short key": (request({"Sec-WebSocket-Key": "c2hvcnQ="}), 400),
    "POST": (request(method="POST"), 405),
    "HTTP/1.0": (request(version="HTTP/1.0"), 505),
}


@pytest.mark.parametrize(("asked", "status"), REFUSED.values(), ids=REFUSED)
async def test_a_refused_upgrade_is_explained(hub: LiveHub, asked: bytes, status: int) -> None:
    """With the status of RFC 6455, its headers, and an error in JSON."""
    async with dialled(hub.port) as client:
        client.send(asked)
        answer = await client.response()
        error = json.loads(await client.body(answer))["error"]
        assert answer.split()[1] == b"%d" % status
        assert error["code"] == "invalid_command"
        assert error["message"]
        assert (b"\r\nUpgrade: websocket\r\n" in answer) is (status == 426)
        assert (b"\r\nSec-WebSocket-Version: 13\r\n" in answer) is ("WebSocket-Version" in error["message"])
        assert (b"\r\nAllow: " in answer) is (status == 405)
    assert len(hub.hub.connections) == 0


async def test_many_come_and_go(hub: LiveHub) -> None:
    """Nothing stays of a hundred connections that were opened, used and closed."""
    known = of_aiohttp()
    for _ in range(100):
        async with upgraded(hub.port) as client:
            client.send(PING_COMMAND, close(1000))
            assert await client.close_code() == 1000
    await until(lambda: not len(hub.hub.connections))
    await until(lambda: none_but(known))
    assert hub.hub.connections.closed == {1000: 100}
