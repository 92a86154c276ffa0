"""`/socket.io/`: what is refused before a connection is made. The rest is in tests/integration/test_socketio.py."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from channels.errors import ErrorCode, ReplyError
from hub.http.socketio import SocketIoEndpoint
from hub.notify import Inbox
from hub.wiring import build
from tests.live import settings_for
from tests.unit.hub.http.test_websocket import HttpBooks
from tests.unit.hub.transports.manual import ManualTransport


async def ask(endpoint: SocketIoEndpoint, query: str, method: str = "GET", **headers: str) -> web.StreamResponse:
    books = HttpBooks()
    named = {"Host": "127.0.0.1:8080", **{name.replace("_", "-"): value for name, value in headers.items()}}
    request = make_mocked_request(
        method, f"/socket.io/{query}", headers=named, protocol=cast(Any, books), transport=ManualTransport(books)
    )
    return await endpoint.serve(request)


@pytest.fixture
async def endpoint() -> SocketIoEndpoint:
    return build(settings_for(limits__connections=2, socketio__channels=["news"]), inbox=Inbox()).socketio


@pytest.mark.parametrize(
    ("query", "method", "code", "message"),
    [
        ("", "GET", 5, "Unsupported protocol version"),
        ("?EIO=3&transport=polling", "GET", 5, "Unsupported protocol version"),
        ("?EIO=4", "GET", 0, "Transport unknown"),
        ("?EIO=4&transport=polling", "POST", 2, "Bad handshake method"),
        ("?EIO=4&transport=polling&sid=x", "GET", 1, "Session ID unknown"),
        ("?EIO=4&transport=websocket&sid=x", "GET", 1, "Session ID unknown"),
        ("?EIO=4&transport=websocket", "DELETE", 2, "Bad handshake method"),
    ],
)
async def test_refusals(endpoint: SocketIoEndpoint, query: str, method: str, code: int, message: str) -> None:
    """In the words of Engine.IO, which its clients know."""
    response = await ask(endpoint, query, method)
    assert isinstance(response, web.Response)
    assert response.status == 400
    assert json.loads(cast(bytes, response.body)) == {"code": code, "message": message}
    assert [*endpoint.connections] == []


async def test_connections_are_limited(endpoint: SocketIoEndpoint) -> None:
    """By the limits of every connection."""
    for _ in range(2):
        assert (await ask(endpoint, "?EIO=4&transport=polling")).status == 200
    with pytest.raises(ReplyError) as refused:
        await ask(endpoint, "?EIO=4&transport=polling")
    assert refused.value.code is ErrorCode.TOO_MANY_CONNECTIONS


async def test_a_page_of_another_origin(endpoint: SocketIoEndpoint) -> None:
    """Is refused before anything else."""
    with pytest.raises(ReplyError) as refused:
        await ask(endpoint, "?EIO=4&transport=polling", Origin="https://evil.example")
    assert refused.value.code is ErrorCode.PERMISSION_DENIED


async def test_no_upgrade(endpoint: SocketIoEndpoint) -> None:
    """A WebSocket has to ask for one."""
    assert (await ask(endpoint, "?EIO=4&transport=websocket")).status in (400, 426)
    assert [*endpoint.connections] == []


async def test_a_bad_client_id(endpoint: SocketIoEndpoint) -> None:
    """Like on the WebSocket endpoint."""
    with pytest.raises(ReplyError, match="client_id"):
        await ask(endpoint, "?EIO=4&transport=polling&client_id=a%20b")
