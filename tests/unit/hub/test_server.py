"""The application over a hub, and the socket that it listens on."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from channels.model import Draft
from hub import listening
from hub.notify import Inbox
from hub.server import HUB, Server, create_app
from hub.wiring import build
from tests.integration.certificate import make_certificate
from tests.live import LiveHub, settings_for

SESSION_TIMEOUT = aiohttp.ClientTimeout(10)


def server_with(**options: Any) -> Server:
    return Server(build(settings_for(**options), inbox=Inbox()))


@asynccontextmanager
async def started(**options: Any) -> AsyncIterator[Server]:
    server = server_with(**options)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def answer(url: str, **options: Any) -> AsyncIterator[aiohttp.ClientResponse]:
    async with (
        aiohttp.ClientSession(timeout=SESSION_TIMEOUT) as session,
        session.request(options.pop("method", "GET"), url, **options) as response,
    ):
        yield response


def listens(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as client:
        return client.connect_ex((host, port)) == 0


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    found = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-out", found[0], "-keyout", found[1]],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    return found


# The application.


async def test_the_application_has_the_whole_hub() -> None:
    """API, console, documents and the socket at its configured path; and it knows its hub."""
    hub = build(settings_for(websocket__path="/hub/socket"), inbox=Inbox())
    app = create_app(hub)
    assert app[HUB] is hub
    paths = {resource.canonical for resource in app.router.resources()}
    assert {"/", "/console/{name}", "/hub/socket", "/health", "/api/publish", "/api/docs", "/asyncapi.json"} <= paths
    assert "/ws" not in paths


async def test_the_socket_has_one_method() -> None:
    """Only GET upgrades."""
    async with started() as server:
        for method in ("HEAD", "POST"):
            async with answer(f"{server.url}/ws", method=method) as response:
                assert (response.status, response.headers["Allow"]) == (405, "GET")


async def test_refusals_of_aiohttp_have_our_shape() -> None:
    """No such path, and a body over the limit."""
    async with started(limits__message_bytes=1024) as server:
        async with answer(f"{server.url}/nowhere") as response:
            assert (response.status, (await response.json())["error"]["code"]) == (404, "not_found")
        async with answer(f"{server.url}/api/publish", method="POST", json={"data": "x" * 1024}) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (413, "data_too_large")


# Listening.


async def test_port_0_takes_a_free_one() -> None:
    """The URL names the one that was taken; two hubs get two."""
    async with started() as first, started() as second:
        assert first.url != second.url
        for server in (first, second):
            host, _, port = server.url.rpartition(":")
            assert host == "http://127.0.0.1"
            assert 0 < int(port) < 65536
            async with answer(f"{server.url}/health") as response:
                assert await response.json() == {"status": "alive"}


async def test_a_name_as_host() -> None:
    """The URL has it as it was given."""
    async with started(server__host="localhost") as server:
        assert server.url.startswith("http://localhost:")
        async with answer(f"{server.url}/health") as response:
            assert response.status == 200


async def test_ipv6() -> None:
    """In a URL the address stands in brackets."""
    async with started(server__host="::1") as server:
        assert server.url.startswith("http://[::1]:")
        async with answer(f"{server.url}/health") as response:
            assert response.status == 200


async def test_tls(certificate: tuple[Path, Path]) -> None:
    """HTTP and WebSocket alike; who doesn't speak it gets nothing."""
    context = ssl.create_default_context(cafile=certificate[0])
    async with started(server__tls_certificate=str(certificate[0]), server__tls_key=str(certificate[1])) as server:
        assert server.url.startswith("https://127.0.0.1:")
        async with answer(f"{server.url}/health", ssl=context) as response:
            assert response.status == 200
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(f"{server.url}/ws", ssl=context) as client:
                assert (await client.receive_json(timeout=5))["status"] == "connected"
            with pytest.raises(aiohttp.ClientError):
                await session.get(server.url.replace("https", "http"))


async def test_the_pages_own_origin_is_https_under_tls(certificate: tuple[Path, Path]) -> None:
    """A page that came in clear is another origin."""
    context = ssl.create_default_context(cafile=certificate[0])
    files = {"server__tls_certificate": str(certificate[0]), "server__tls_key": str(certificate[1])}
    async with started(**files) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(f"{server.url}/ws", ssl=context, origin=server.url) as client:
            assert not client.closed
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await session.ws_connect(f"{server.url}/ws", ssl=context, origin=server.url.replace("https", "http"))


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_a_certificate_that_cannot_be_used(tmp_path: Path, content: str | None) -> None:
    """Is an error of the start, and nothing is left that listens or runs."""
    path = tmp_path / "certificate.pem"
    if content is not None:
        path.write_text(content)
    server = server_with(server__tls_certificate=str(path), server__tls_key=str(path))
    before = asyncio.all_tasks()
    with pytest.raises(OSError, match=r"No such file|PEM|SSL"):
        await server.start()
    assert (server.url, asyncio.all_tasks()) == ("", before)
    await server.stop()


async def test_an_address_that_is_taken() -> None:
    """Is an error of the start; the hub doesn't run, and may be stopped all the same."""
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()
        server = server_with(server__port=occupied.getsockname()[1])
        before = asyncio.all_tasks()
        with pytest.raises(OSError, match="address already in use"):
            await server.start()
    assert (server.url, asyncio.all_tasks()) == ("", before)
    await server.stop()


async def test_a_port_can_be_had_again_at_once() -> None:
    """Connections that were closed a moment ago don't keep it."""
    async with started() as server:
        port = int(server.url.rpartition(":")[2])
        async with LiveHub(server).client():
            pass
    async with started(server__port=port) as again:
        assert again.url == server.url


# Stopping.


async def test_stopping_ends_everything() -> None:
    """Nobody listens, no task is left; stopping twice is once."""
    before = asyncio.all_tasks()
    async with started() as server:
        port = int(server.url.rpartition(":")[2])
        assert listens(port)
        assert asyncio.all_tasks() > before
    assert not listens(port)
    assert asyncio.all_tasks() == before
    await server.stop()


async def test_stopping_before_the_start() -> None:
    """There is nothing to do."""
    await server_with().stop()


async def test_connections_are_let_go() -> None:
    """Each hears what was published before, then that the hub is stopping, and when to come back."""
    server = server_with()
    await server.start()
    async with LiveHub(server).client() as client:
        await client.ask(action="subscribe", channel="system_alerts")
        await server.hub.engine.publish(Draft("system_alerts", "last", b"1", "2026-01-01T00:00:00.000000Z"))
        stopping = asyncio.create_task(server.stop())
        assert (await client.receive())["type"] == "last"
        assert (await client.receive())["type"] == "reconnect"
        code, reason = await client.closed()
        assert code == 1001
        assert reason.startswith("the hub is stopping; reconnect in ")
        await stopping
    assert len(server.hub.connections) == 0


async def test_while_it_stops_nobody_comes_in() -> None:
    """New connections find nobody who listens, while those there are get their time."""
    server = server_with(server__drain=0.2)
    await server.start()
    port = int(server.url.rpartition(":")[2])
    async with LiveHub(server).client("a"), LiveHub(server).client("b") as client:
        stopping = asyncio.create_task(server.stop())
        await client.closed()
        assert not listens(port)
        await stopping


@pytest.mark.parametrize("own_queue", [True, False])
async def test_who_waits_to_be_accepted(own_queue: bool) -> None:
    """Is served when the server stops, since closing its socket would reset them; unless others accept from the same
    socket, and do so later."""
    shared = listening.bind("127.0.0.1", 0)
    others = [each.dup() for each in shared]
    server = Server(build(settings_for(), inbox=Inbox()), shared, own_queue=own_queue)
    await server.start()
    # Nothing is awaited from here on, so the loop can't accept: the kernel alone takes these connections.
    clients = [socket.create_connection(shared[0].getsockname(), timeout=5) for _ in range(3)]
    for client in clients:
        client.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    await server.stop()
    waiting = listening.take_waiting(others[0])
    try:
        answers = [client.recv(4096)[:15] for client in clients] if own_queue else []
        assert answers == ([b"HTTP/1.1 200 OK"] * 3 if own_queue else [])
        assert len(waiting) == (0 if own_queue else 3)
    finally:
        listening.close((*clients, *waiting, *others))


async def test_a_certificate_is_renewed(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    """Handshakes from then on have the new one; connections go on. One that can't be used changes nothing."""
    files = tmp_path / "certificate.pem", tmp_path / "key.pem"
    for source, target in zip(certificate, files, strict=True):
        target.write_bytes(source.read_bytes())
    context = ssl.create_default_context(cafile=certificate[0])
    (tmp_path / "renewed").mkdir()
    renewed = make_certificate(tmp_path / "renewed")
    async with (
        started(server__tls_certificate=str(files[0]), server__tls_key=str(files[1])) as server,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.url}/ws", ssl=context) as client,
    ):
        assert (await client.receive_json(timeout=5))["status"] == "connected"
        files[0].write_bytes(renewed.certificate.read_bytes())
        with pytest.raises(ssl.SSLError):
            server.load_certificate()
        async with answer(f"{server.url}/health", ssl=context) as response:
            assert response.status == 200
        files[1].write_bytes(renewed.key.read_bytes())
        server.load_certificate()
        async with answer(f"{server.url}/health", ssl=renewed.client()) as response:
            assert response.status == 200
        await client.send_json({"action": "ping"})
        assert (await client.receive_json(timeout=5))["type"] == "pong"


async def test_without_a_certificate_there_is_none_to_renew() -> None:
    """Which is no error: a reload asks for it in any case."""
    async with started() as server:
        server.load_certificate()
