"""The upgrade and the hand-over, without sockets. tests/integration/test_handover.py has real ones."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import cast

import pytest
from aiohttp import HttpVersion, HttpVersion10, HttpVersion11, web

from hub.transports.handover import HandedOver, Handshake, HandshakeRefused, hand_over, shake_hands
from tests.kit import rest
from tests.unit.hub.transports.manual import ManualTransport

UPGRADE = {
    "Host": "example.com",
    "Connection": "keep-alive, Upgrade",
    "Upgrade": "WebSocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
"""The request of RFC 6455, 1.2."""

HANDSHAKE = Handshake(b"101", [], 0)


class HttpProtocol:
    """aiohttp's side of a connection: notes what it is told."""

    def __init__(self, transport: ManualTransport, tail: bytes) -> None:
        self.transport: ManualTransport | None = transport
        self.told: list[str] = []
        self._message_tail = tail

    def connection_lost(self, exc: Exception | None) -> None:
        assert self.transport is None, "it would close the socket"
        self.told.append(f"lost {exc}")


class Request:
    """An upgrade request."""

    def __init__(
        self,
        headers: Mapping[str, str | None] | None = None,
        *,
        method: str = "GET",
        version: HttpVersion = HttpVersion11,
        tail: bytes = b"",
    ) -> None:
        lines = UPGRADE | dict(headers or {})
        self.raw_headers = tuple((name.encode(), value.encode()) for name, value in lines.items() if value is not None)
        self.method = method
        self.version = version
        self.path_qs = "/ws?client_id=x"
        self.transport: ManualTransport | None = ManualTransport(asyncio.Protocol())
        self.protocol = HttpProtocol(self.transport, tail)


class Taker(asyncio.Protocol):
    """Takes a connection over, and notes what it gets."""

    def __init__(self) -> None:
        self.transport: asyncio.BaseTransport | None = None
        self.got: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.got.append(data)


def shaken(
    headers: Mapping[str, str | None] | None = None, *, compression: bool = True, subprotocols: tuple[str, ...] = ()
) -> tuple[Handshake, list[str]]:
    """Shake hands; return also the lines of the answer."""
    request = cast(web.Request, Request(headers))
    handshake = shake_hands(request, compression=compression, subprotocols=subprotocols)
    return handshake, handshake.response.decode().split("\r\n")


def over(request: Request, taker: Taker) -> web.StreamResponse:
    """Hand a request's connection over."""
    return hand_over(cast(web.Request, request), HANDSHAKE, taker)


def test_the_answer_is_that_of_the_rfc() -> None:
    """101 with the key of the example in RFC 6455, 1.3."""
    handshake, lines = shaken()
    assert lines[0] == "HTTP/1.1 101 Switching Protocols"
    assert "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in lines
    assert {"Upgrade: websocket", "Connection: Upgrade"} <= set(lines)
    assert lines[-2:] == ["", ""]
    assert (handshake.extensions, handshake.window_bits) == ([], 0)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upgrade": None}, 426),
        ({"Upgrade": "h2c"}, 426),
        ({"Connection": "close"}, 426),
        ({"Sec-WebSocket-Key": None}, 400),
        ({"Sec-WebSocket-Key": "c2hvcnQ="}, 400),
        ({"Sec-WebSocket-Key": "not base64 at all"}, 400),
        ({"Sec-WebSocket-Extensions": "permessage-deflate; ="}, 400),
        ({"Sec-WebSocket-Protocol": "a b"}, 400),
    ],
)
def test_what_is_no_upgrade_is_refused(headers: dict[str, str | None], status: int) -> None:
    """With a sentence for people and RFC 6455's status."""
    with pytest.raises(HandshakeRefused, match="Failed to open a WebSocket connection") as refused:
        shaken(headers)
    assert refused.value.status == status
    assert refused.value.headers.get("Upgrade") == ("websocket" if status == 426 else None)


@pytest.mark.parametrize("version", [None, "8", "14", "x"])
def test_another_version_is_refused_with_ours(version: str | None) -> None:
    """RFC 6455, 4.4: the client is told which version it may try."""
    with pytest.raises(HandshakeRefused) as refused:
        shaken({"Sec-WebSocket-Version": version})
    assert refused.value.status == 426
    assert refused.value.headers == {"Upgrade": "websocket", "Sec-WebSocket-Version": "13"}


def test_other_methods_and_versions_of_http_are_refused() -> None:
    """An upgrade is a GET of HTTP/1.1."""
    with pytest.raises(HandshakeRefused) as refused:
        shake_hands(cast(web.Request, Request(method="POST")), compression=True, subprotocols=())
    assert (refused.value.status, refused.value.headers) == (405, {"Allow": "GET"})
    with pytest.raises(HandshakeRefused) as refused:
        shake_hands(cast(web.Request, Request(version=HttpVersion10)), compression=True, subprotocols=())
    assert refused.value.status == 505


@pytest.mark.parametrize(
    ("offered", "selected"),
    [("tocsin, bearer.x", "tocsin"), ("b, a", "a"), ("other", None), (None, None)],
)
def test_a_subprotocol_is_selected_from_both_lists(offered: str | None, selected: str | None) -> None:
    """The hub's most wanted one; a client that offers only others is served without."""
    _, lines = shaken({"Sec-WebSocket-Protocol": offered}, subprotocols=("tocsin", "a", "b"))
    assert [line for line in lines if line.startswith("Sec-WebSocket-Protocol")] == (
        [f"Sec-WebSocket-Protocol: {selected}"] if selected else []
    )


TAKEOVER = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


@pytest.mark.parametrize(
    ("offer", "answer", "window_bits"),
    [
        ("permessage-deflate", TAKEOVER, 15),
        ("permessage-deflate; client_max_window_bits", TAKEOVER, 15),
        ("permessage-deflate; server_max_window_bits=9", f"{TAKEOVER}; server_max_window_bits=9", 9),
        ("permessage-deflate; server_max_window_bits=8", None, 0),
        ("permessage-deflate; server_max_window_bits=8, permessage-deflate", TAKEOVER, 15),
        ("permessage-deflate; server_max_window_bits=16", None, 0),
        ("permessage-deflate; unknown", None, 0),
        ("x-webkit-deflate-frame", None, 0),
        (None, None, 0),
    ],
)
def test_compression_is_negotiated(offer: str | None, answer: str | None, window_bits: int) -> None:
    """Always without context takeover, so that frames can be shared, and with a window that the client can inflate."""
    handshake, lines = shaken({"Sec-WebSocket-Extensions": offer})
    answers = [line.partition(": ")[2] for line in lines if line.startswith("Sec-WebSocket-Extensions")]
    assert answers == ([answer] if answer else [])
    assert handshake.window_bits == window_bits
    assert len(handshake.extensions) == (1 if answer else 0)


def test_compression_may_be_off() -> None:
    """Then no offer is taken."""
    handshake, lines = shaken({"Sec-WebSocket-Extensions": "permessage-deflate"}, compression=False)
    assert not any(line.startswith("Sec-WebSocket-Extensions") for line in lines)
    assert (handshake.extensions, handshake.window_bits) == ([], 0)


async def test_a_hand_over_answers_and_changes_hands() -> None:
    """The answer goes out first; aiohttp hears that its connection is lost, and has no socket to close."""
    request, taker = Request(), Taker()
    transport = request.transport
    assert transport is not None
    transport.pause_reading()
    assert isinstance(over(request, taker), HandedOver)
    assert transport.sent == b"101"
    assert (transport.protocol, taker.transport, request.protocol.told) == (taker, transport, ["lost None"])
    assert (transport.is_closing(), transport.is_reading()) == (False, True)
    await rest()
    assert taker.got == []


async def test_early_bytes_come_first_and_alone() -> None:
    """They wait for the handler's end, and meanwhile nothing is read that could overtake them."""
    request, taker = Request(tail=b"early"), Taker()
    transport = request.transport
    assert transport is not None
    over(request, taker)
    assert (taker.got, transport.is_reading()) == ([], False)
    await rest()
    assert (taker.got, transport.is_reading()) == ([b"early"], True)


async def test_early_bytes_of_a_connection_that_ended_are_dropped() -> None:
    """A protocol gets no data after its end."""
    request, taker = Request(tail=b"early"), Taker()
    transport = request.transport
    assert transport is not None
    over(request, taker)
    transport.abort()
    await rest()
    assert taker.got == []


@pytest.mark.parametrize("lost", [True, False])
def test_a_client_that_is_gone_is_not_handed_over(lost: bool) -> None:
    """The protocol never gets a connection, and aiohttp deals with its own."""
    request, taker = Request(), Taker()
    transport = request.transport
    assert transport is not None
    if lost:
        request.transport = None
    else:
        transport.close()
    assert isinstance(over(request, taker), HandedOver)
    assert (taker.transport, transport.sent, request.protocol.told) == (None, b"", [])


async def test_the_response_of_a_hand_over_sends_nothing() -> None:
    """aiohttp has nothing left to do, and does not wait for a further request."""
    response = HandedOver()
    request = cast(web.Request, Request())
    await response.prepare(request)
    await response.write_eof()
    assert (response.status, response.keep_alive, response.prepared) == (101, False, False)
