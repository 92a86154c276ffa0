"""A Socket.IO connection: polls, frames, and going over from the ones to the others, without a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from hub.closing import CloseCode
from hub.frames import frame as server_frame
from hub.socketio.connection import SocketIoConnection
from hub.socketio.encoding import SocketIoEncoding
from hub.socketio.payload import unframed
from hub.socketio.posts import Overlapping
from hub.transports.websocket import WebSocketConnection
from tests.conformance.raw import close, frame, text
from tests.unit.hub.transports.manual import ManualTransport

LIMIT = 1000


class Books:
    """A hub's clock and books."""

    max_bytes = 100_000

    def __init__(self) -> None:
        self.closed: list[int] = []
        self.gone: list[int] = []
        self.forgotten: list[str] = []

    def clock(self) -> float:
        return 100.0

    def closing(self, connection: WebSocketConnection) -> None:
        self.closed.append(connection.close_code)

    def lost(self, connection: WebSocketConnection) -> None:
        self.gone.append(connection.close_code)


class Listener:
    """Keeps what comes."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.binary: list[bytes] = []

    def receive(self, text: bytes) -> None:
        self.taken.append(text)

    def receive_binary(self, data: bytes) -> None:
        self.binary.append(data)

    def receive_oversized(self) -> None:
        raise AssertionError("nothing is that long here")


def connection_of(books: Books, *, polling: bool) -> tuple[SocketIoConnection, Listener]:
    connection = SocketIoConnection(
        books, "tab", "s-1", SocketIoEncoding(), LIMIT, sid="secret" if polling else "", forget=books.forgotten.append
    )
    listener = Listener()
    connection.receiver = listener
    return connection, listener


@pytest.fixture
def books() -> Books:
    return Books()


def packets(transport: ManualTransport) -> list[bytes]:
    return [payload for _, payload in unframed(bytes(transport.sent))]


def attach(connection: SocketIoConnection) -> ManualTransport:
    transport = ManualTransport(connection)
    connection.connection_made(transport)
    return transport


async def test_a_poll_takes_what_waits(books: Books) -> None:
    """All of it, in order; then nothing waits."""
    connection, _ = connection_of(books, polling=True)
    connection.send(server_frame(b"4a"))
    connection.push(server_frame(b"4b"), 0.0)
    assert await connection.poll() == b"4a\x1e4b"
    assert connection.queued_bytes == 0


async def test_a_poll_waits_for_something(books: Books) -> None:
    """And is answered at once when it comes, of whatever kind."""
    connection, _ = connection_of(books, polling=True)
    ways: list[tuple[Callable[[], None], bytes]] = [
        (lambda: connection.send(server_frame(b"4a")), b"4a"),
        (lambda: connection.push_keyed([(("c", "k"), server_frame(b"4k"))]), b"4k"),
        (connection.ping, b"2"),
    ]
    for send, got in ways:
        poll = asyncio.create_task(connection.poll())
        await asyncio.sleep(0)
        assert not poll.done()
        send()
        assert await poll == got


async def test_a_poll_that_is_given_up_takes_nothing(books: Books) -> None:
    """A client's request may end at any time; the next one gets what came."""
    connection, _ = connection_of(books, polling=True)
    poll = asyncio.create_task(connection.poll())
    await asyncio.sleep(0)
    poll.cancel()
    with pytest.raises(asyncio.CancelledError):
        await poll
    connection.send(server_frame(b"4a"))
    assert await connection.poll() == b"4a"


async def test_two_polls_close_the_connection(books: Books) -> None:
    """The one that waits is told."""
    connection, _ = connection_of(books, polling=True)
    poll = asyncio.create_task(connection.poll())
    await asyncio.sleep(0)
    with pytest.raises(Overlapping):
        await connection.poll()
    assert await poll == b"1"
    assert books.gone == [CloseCode.PROTOCOL_ERROR]


async def test_what_is_posted(books: Books) -> None:
    """Packets of text and of bytes; what follows the end is not looked at."""
    connection, listener = connection_of(books, polling=True)
    connection.ping()
    connection.take(b"3\x1e4hello\x1ebAQI=")
    assert (connection.latency, connection.answered) == (0.0, 100.0)
    assert (listener.taken, listener.binary, connection.pinged) == ([b"3", b"4hello"], [b"\x01\x02"], False)
    connection.close(CloseCode.NORMAL, "")
    connection.take(b"4more")
    assert listener.taken == [b"3", b"4hello"]


async def test_what_waits_is_bounded(books: Books) -> None:
    """A client that doesn't poll is closed, and what waited is let go of."""
    connection, _ = connection_of(books, polling=True)
    for _ in range(20):
        connection.push(server_frame(b"4" + b"x" * 100), 0.0)
    assert books.gone == [CloseCode.SLOW_CONSUMER]
    assert await connection.poll() == b"1"


async def test_going_over(books: Books) -> None:
    """The probe is answered, polls are let go with nothing, and what waited is written to the WebSocket first."""
    connection, listener = connection_of(books, polling=True)
    poll = asyncio.create_task(connection.poll())
    await asyncio.sleep(0)
    might = connection.may_upgrade
    transport = attach(connection)
    assert (might, connection.may_upgrade) == (True, False)
    connection.data_received(text("2probe"))
    assert packets(transport) == [b"3probe"]
    assert await poll == b"6"
    connection.send(server_frame(b"4a"))
    connection.data_received(text("5"))
    connection.send(server_frame(b"4b"))
    assert packets(transport) == [b"3probe", b"4a", b"4b"]
    assert not connection.is_polling
    assert await connection.poll() == b"6"
    connection.data_received(text("4hello"))
    assert listener.taken == [b"4hello"]


async def test_going_over_to_a_full_socket(books: Books) -> None:
    """What waited goes on waiting, in its place."""
    connection, _ = connection_of(books, polling=True)
    transport = ManualTransport(connection, room=8)
    connection.connection_made(transport)
    connection.data_received(text("2probe"))
    connection.send(server_frame(b"4a"))
    connection.data_received(text("5"))
    connection.send(server_frame(b"4b"))
    transport.take(1000)
    assert packets(transport) == [b"3probe", b"4a", b"4b"]


@pytest.mark.parametrize("data", [text("4hello"), text("5"), close(1000), frame(0x7, b"")], ids=range(4))
async def test_a_candidate_that_does_not_do_is_cut(books: Books, data: bytes) -> None:
    """It says something else than the probe, goes over before it, closes, or breaks the protocol: the polls go on."""
    connection, listener = connection_of(books, polling=True)
    transport = attach(connection)
    connection.data_received(data)
    assert transport.aborted
    assert connection.is_open
    assert connection.may_upgrade
    connection.connection_lost(None)
    connection.send(server_frame(b"4a"))
    assert await connection.poll() == b"4a"
    assert (listener.taken, books.gone) == ([], [])


async def test_a_candidate_that_is_lost(books: Books) -> None:
    """The same: polls wait again."""
    connection, _ = connection_of(books, polling=True)
    attach(connection)
    connection.data_received(text("2probe"))
    connection.connection_lost(None)
    poll = asyncio.create_task(connection.poll())
    await asyncio.sleep(0)
    assert not poll.done()
    connection.send(server_frame(b"4a"))
    assert await poll == b"4a"


async def test_a_connection_by_websocket(books: Books) -> None:
    """Is like any other, but for its pings."""
    connection, listener = connection_of(books, polling=False)
    transport = attach(connection)
    connection.data_received(text("4hello"))
    connection.ping()
    assert (listener.taken, packets(transport), connection.kind) == ([b"4hello"], [b"2"], "socketio")
    connection.connection_lost(None)
    assert books.gone == [1006]


@pytest.mark.parametrize(("code", "told"), [(CloseCode.SLOW_CONSUMER, False), (CloseCode.INVALID_TOKEN, True)])
async def test_who_is_not_to_come_back_is_told(books: Books, code: CloseCode, told: bool) -> None:
    """By Socket.IO's own packet: a client then stays away, and otherwise connects again."""
    polling, _ = connection_of(books, polling=True)
    polling.close(code, "why")
    assert await polling.poll() == (b"41" if told else b"1")
    connection, _ = connection_of(books, polling=False)
    transport = attach(connection)
    connection.close(code, "why")
    sent = [payload for opcode, payload in unframed(bytes(transport.sent)) if opcode == 1]
    assert sent == ([b"41"] if told else [])
    assert json.loads(json.dumps(books.closed)) == [int(code)]


async def test_closing_twice_is_once(books: Books) -> None:
    """And says the first reason."""
    connection, _ = connection_of(books, polling=True)
    connection.close(CloseCode.NORMAL, "")
    connection.close(CloseCode.IDLE, "")
    assert (books.gone, connection.close_code) == ([1000], 1000)
