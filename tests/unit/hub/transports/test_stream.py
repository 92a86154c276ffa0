"""An event stream on a transport that the test plays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.closing import CloseCode
from hub.dialects.ndjson import Ndjson
from hub.dialects.plain import PlainDialect
from hub.transports.stream import StreamConnection
from tests.unit.hub.transports.manual import ManualTransport

LIMIT = 1000

LARGE = 100_000
"""Bytes that are more than the transport takes before it says so."""


class Host:
    """The hub around a stream: its time stands still."""

    def __init__(self) -> None:
        self.now = 100.0
        self.told: list[str] = []

    def clock(self) -> float:
        return self.now

    def closing(self, stream: StreamConnection) -> None:
        self.told.append("closing")

    def lost(self, stream: StreamConnection) -> None:
        self.told.append("lost")


class Reader:
    """A stream, and its client."""

    def __init__(self, room: int = 1 << 30) -> None:
        self.host = Host()
        self.stream = StreamConnection(self.host, "tab", "s-1", Ndjson(PlainDialect()), LIMIT, address="::1")
        self.transport = ManualTransport(self.stream, room)

    def connect(self) -> Reader:
        self.stream.connection_made(self.transport)
        return self

    @property
    def heard(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.transport.sent.splitlines()]


def line(number: int, size: int = 0) -> bytes:
    return json.dumps({"n": number, "x": "x" * size}).encode() + b"\n"


async def test_what_comes_before_the_socket_is_collected() -> None:
    """And written first, in order; from then on bytes go straight to the socket."""
    reader = Reader()
    reader.stream.send(line(1))
    reader.stream.push(line(2), 101.0)
    reader.stream.replay(line(3), 101.0)
    reader.stream.push(line(4), 101.0)
    assert reader.transport.sent == b""
    reader.connect()
    reader.stream.push(line(5), 102.0)
    reader.stream.replay(line(6), 102.0)
    assert [message["n"] for message in reader.heard] == [1, 2, 3, 4, 5, 6]
    assert (reader.stream.is_slow, reader.stream.queued_bytes) == (False, 0)


async def test_newest_values_are_collected_in_their_place() -> None:
    """Conflated publications of before a replay come before it."""
    reader = Reader()
    reader.stream.push_keyed([(("pools", "a"), line(1))])
    reader.stream.push_keyed([(("pools", "a"), line(2))])
    reader.stream.replay(line(3), 101.0)
    reader.stream.push_keyed([(("pools", "a"), line(4))])
    reader.connect()
    assert [message["n"] for message in reader.heard] == [2, 3, 4]


async def test_a_replay_may_be_long() -> None:
    """What is published meanwhile may not: over the bound the stream is refused before it began."""
    reader = Reader()
    reader.stream.replay(line(1, 10 * LIMIT), 101.0)
    reader.stream.push(line(2), 101.0)
    assert reader.stream.is_open
    reader.stream.push(line(3, LIMIT), 101.0)
    assert (reader.stream.is_open, reader.stream.close_code) == (False, 4002)
    assert reader.host.told == []


async def test_a_full_kernel_makes_it_slow() -> None:
    """Also by what was collected; then the bound counts what comes later."""
    reader = Reader(room=10)
    reader.stream.replay(line(1, LARGE), 101.0)
    reader.connect()
    assert reader.stream.is_slow
    assert reader.stream.unsent > LARGE - 100
    reader.stream.push(line(2), 101.0)
    assert reader.stream.queued_bytes == len(line(2))
    reader.transport.take()
    assert [message["n"] for message in reader.heard] == [1, 2]
    assert (reader.stream.is_slow, reader.stream.unsent) == (False, 0)


async def test_over_the_bound_it_ends_with_a_reason() -> None:
    """What was queued is dropped; what the transport has is whole, and the reason comes behind it."""
    reader = Reader(room=10).connect()
    reader.stream.push(line(1, LARGE), 101.0)
    for number in range(2, 20):
        reader.stream.push(line(number, 100), 101.0)
    assert not reader.stream.is_open
    reader.transport.take()
    assert reader.heard[0]["n"] == 1
    assert reader.heard[-1] == {
        "type": "close",
        "code": 4002,
        "reason": f"more than {LIMIT} unread bytes; reconnect with since",
        "reconnect": True,
    }
    assert len(reader.heard) == 2


async def test_closing_sends_what_is_queued() -> None:
    """Once, and nothing after it."""
    reader = Reader(room=10).connect()
    for number in range(3):
        reader.stream.push(line(number, 0 if number else LARGE), 101.0)
    assert reader.stream.queued_bytes
    reader.host.now = 105.0
    for code in (CloseCode.TOKEN_EXPIRED, CloseCode.GOING_AWAY):
        reader.stream.close(code, "why")
        reader.stream.push(line(9), 101.0)
    reader.transport.take()
    *before, last = reader.heard
    assert [message["n"] for message in before] == [0, 1, 2]
    assert (last["code"], last["reconnect"]) == (4501, False)
    assert reader.transport.is_closing()
    assert (reader.stream.close_by, reader.host.told) == (105.0, ["closing"])
    reader.transport.lose()
    assert reader.host.told == ["closing", "lost"]


@pytest.mark.parametrize("data", [b"", b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 100_000])
async def test_what_a_client_says_is_nobody_s_business(data: bytes) -> None:
    """Nothing is kept of it."""
    reader = Reader().connect()
    reader.stream.data_received(data)
    assert (reader.stream.is_open, reader.transport.sent) == (True, b"")


async def test_how_a_client_leaves() -> None:
    """With an end, or without one."""
    for clean, code in ((True, 1000), (False, 1006)):
        reader = Reader().connect()
        if clean:
            reader.stream.eof_received()
        reader.transport.lose(None if clean else ConnectionResetError())
        assert (reader.stream.close_code, reader.stream.is_connected) == (code, False)
        assert reader.host.told == ["lost"]
    reader = Reader().connect()
    reader.stream.close(4003, "over")
    reader.stream.eof_received()
    assert reader.stream.close_code == 4003


async def test_signs_of_life() -> None:
    """Heartbeats and notices go the way of all else; the kind is the format's."""
    reader = Reader().connect()
    reader.stream.beat("2026-11-21T10:15:00Z")
    reader.stream.tell({"type": "degraded"})
    assert [message["type"] for message in reader.heard] == ["heartbeat", "degraded"]
    assert (reader.stream.kind, reader.stream.address) == ("ndjson", "::1")
