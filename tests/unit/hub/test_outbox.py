"""The outbox: straight to the socket while it has room, bounded and in order while it has none."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.closing import CloseCode
from hub.dialects.plain import PlainDialect
from hub.encoding import Encoding
from hub.outbox import Outbox
from tests.kit import eventually
from tests.unit.hub.transports.manual import ManualTransport

LIMIT = 1000

NOW = 5.0


class ClosableOutbox(Outbox, asyncio.Protocol):
    """An outbox that closes by noting it."""

    def __init__(self, limit: int = LIMIT) -> None:
        super().__init__("client", "s-1", Encoding(PlainDialect()), limit)
        self.closed: list[CloseCode] = []

    def close(self, code: CloseCode, reason: str) -> None:
        if self.is_open:
            self._end()
            self._write_queue()
            self.closed.append(code)


def connected(room: int, limit: int = LIMIT) -> tuple[ClosableOutbox, ManualTransport]:
    """Connect an outbox to a kernel that has room for so many bytes."""
    outbox = ClosableOutbox(limit)
    transport = ManualTransport(outbox, room)
    outbox.connect(transport)
    transport.set_write_buffer_limits(0)
    return outbox, transport


def slow(limit: int = LIMIT) -> tuple[ClosableOutbox, ManualTransport]:
    """Connect an outbox to a kernel that is full; one byte waits in the transport."""
    outbox, transport = connected(0, limit)
    outbox.send(b"|")
    assert outbox.is_slow
    return outbox, transport


def test_with_room_frames_go_straight_to_the_transport() -> None:
    """Publications and replies in the order of the calls; nothing is kept here."""
    outbox, transport = connected(99)
    outbox.push(b"a", NOW)
    outbox.send(b"b")
    outbox.push(b"c", NOW)
    assert transport.sent == b"abc"
    assert (outbox.is_slow, outbox.queued_bytes) == (False, 0)


def test_a_publication_is_activity_and_a_reply_is_not() -> None:
    """The idle limit looks at commands and publications; a command's time is noted when it is read."""
    outbox, _ = connected(99)
    outbox.send(b"reply")
    assert outbox.active == 0
    outbox.push(b"publication", NOW)
    assert outbox.active == NOW


def test_without_room_frames_wait_in_their_order() -> None:
    """They are sent when the kernel takes bytes again, and then none is kept."""
    outbox, transport = slow()
    outbox.push(b"a", NOW)
    outbox.send(b"bb")
    outbox.push(b"ccc", NOW)
    assert (transport.sent, outbox.queued_bytes) == (b"", 6)
    transport.take()
    assert transport.sent == b"|abbccc"
    assert (outbox.is_slow, outbox.queued_bytes) == (False, 0)


def test_a_kernel_that_takes_a_little_gets_a_little() -> None:
    """What waits is given in pieces, so that the transport never holds the whole queue; later frames wait behind it."""
    outbox, transport = slow(limit=10_000_000)
    frames = [bytes([65 + index]) * 100_000 for index in range(9)]
    for data in frames:
        outbox.send(data)
    transport.take(1)
    assert len(transport.buffer) == 200_000
    assert (outbox.is_slow, outbox.queued_bytes) == (True, 700_000)
    outbox.send(b"last")
    transport.take(250_000)
    assert len(transport.buffer) < 300_000
    transport.take()
    assert transport.sent == b"|" + b"".join(frames) + b"last"
    assert (outbox.is_slow, outbox.queued_bytes) == (False, 0)


def test_over_the_bound_the_connection_is_closed_with_4002() -> None:
    """What waited is dropped, and nothing is sent any more: the client recovers by position."""
    outbox, transport = slow()
    outbox.send(b"a" * LIMIT)
    assert outbox.closed == []
    outbox.send(b"b")
    assert outbox.closed == [CloseCode.SLOW_CONSUMER]
    assert outbox.queued_bytes == 0
    outbox.push(b"c", NOW)
    outbox.send(b"d")
    transport.take()
    assert transport.sent == b"|"


def test_of_a_key_only_the_newest_waits() -> None:
    """An older value of the same channel and key is replaced, and takes no room."""
    outbox, transport = slow()
    outbox.push_keyed([(("c", "k"), b"1" * 600), (("d", "k"), b"d")])
    outbox.push_keyed([(("c", "k"), b"22"), (("c", "l"), b"l")])
    assert outbox.queued_bytes == 4
    transport.take()
    assert transport.sent == b"|d22l"
    assert outbox.queued_bytes == 0


def test_a_keyed_value_is_not_overtaken() -> None:
    """What is queued behind it stays behind it; a newer value then doesn't move forward either."""
    outbox, transport = slow()
    outbox.send(b"a")
    outbox.push_keyed([(("c", "k"), b"1")])
    outbox.send(b"b")
    outbox.push_keyed([(("c", "k"), b"2")])
    assert outbox.queued_bytes == 4
    transport.take()
    assert transport.sent == b"|a1b2"
    assert outbox.queued_bytes == 0


def test_the_bound_holds_for_keyed_values() -> None:
    """So many keys that even the newest values are too much close the connection."""
    outbox, transport = slow()
    outbox.push_keyed([(("c", str(index)), b"x" * 300) for index in range(4)])
    assert outbox.closed == [CloseCode.SLOW_CONSUMER]
    transport.take()
    assert transport.sent == b"|"


def test_a_close_sends_what_waits_first() -> None:
    """Queue and keyed values, even to a full transport; and nothing after them."""
    outbox, transport = slow()
    outbox.send(b"a")
    outbox.push_keyed([(("c", "k"), b"k")])
    outbox.close(CloseCode.GOING_AWAY, "")
    assert transport.buffer == b"|ak"
    assert outbox.queued_bytes == 0
    outbox.push(b"b", NOW)
    outbox.send(b"c")
    outbox.push_keyed([(("c", "k"), b"d")])
    assert outbox.queued_bytes == 0
    transport.take()
    assert transport.sent == b"|ak"


def test_without_a_socket_nothing_is_kept() -> None:
    """What waited is dropped with the socket, and later frames go nowhere."""
    outbox, _ = slow()
    outbox.send(b"a")
    outbox.disconnect()
    outbox.send(b"b")
    outbox.push(b"c", NOW)
    outbox.push_rest(b"d", 0)
    assert (outbox.is_connected, outbox.is_open, outbox.queued_bytes) == (False, False, 0)


def test_reading_stops_and_goes_on() -> None:
    """For a client whose commands wait; a connection that is closing is left alone."""
    outbox, transport = connected(99)
    outbox.read_on(False)
    assert not transport.is_reading()
    outbox.read_on(True)
    assert transport.is_reading()
    outbox.close(CloseCode.NORMAL, "")
    outbox.read_on(False)
    assert transport.is_reading()


_writes = st.tuples(st.just("send"), st.integers(1, 400))
_keyed_writes = st.tuples(st.just("keyed"), st.integers(1, 400))
_reads = st.tuples(st.just("take"), st.integers(1, 1500))


@given(st.integers(0, 600), st.lists(_writes | _keyed_writes | _reads, max_size=60))
def test_whatever_happens_order_and_books_are_right(room: int, steps: list[tuple[str, int]]) -> None:
    """A client gets a gapless beginning of what was sent to it; at rest, or closed, no bytes are on the books."""
    outbox, transport = connected(room)
    expected = bytearray()
    for number, (what, size) in enumerate(steps):
        data = bytes([number]) * size
        match what:
            case "take":
                transport.take(size)
            case "keyed" if outbox.is_slow and outbox.is_open:
                outbox.push_keyed([(("c", str(number)), data)])
                expected += data
            case _:
                expected += data if outbox.is_open else b""
                outbox.send(data)
        assert 0 <= outbox.queued_bytes <= LIMIT
    transport.take()
    assert expected.startswith(transport.sent)
    assert outbox.queued_bytes == 0
    if not outbox.closed:
        assert transport.sent == expected
        assert not outbox.is_slow


@pytest.fixture
async def ends() -> AsyncIterator[tuple[ClosableOutbox, asyncio.Transport, socket.socket]]:
    """A pair of sockets: an outbox, its transport of asyncio's own, and the peer."""
    ours, peer = socket.socketpair()
    peer.setblocking(False)
    transport, outbox = await asyncio.get_running_loop().create_connection(ClosableOutbox, sock=ours)
    yield outbox, transport, peer
    transport.abort()
    peer.close()
    await asyncio.sleep(0)


def drained(peer: socket.socket) -> int:
    """Read what is there; return how much."""
    size = 0
    while True:
        try:
            size += len(peer.recv(1 << 20))
        except BlockingIOError:
            return size


Ends = tuple[ClosableOutbox, asyncio.Transport, socket.socket]


async def test_a_plain_socket_may_be_written_to_directly(ends: Ends) -> None:
    """`fd` is its descriptor as long as the transport buffers nothing, and -1 from then until all is sent."""
    outbox, transport, peer = ends
    outbox.connect(transport)
    assert outbox.fd == transport.get_extra_info("socket").fileno()
    outbox.send(bytes(5_000_000))
    assert (outbox.fd, outbox.is_slow) == (-1, True)
    size = 0
    while size < 5_000_000:
        size += drained(peer)
        await asyncio.sleep(0)
    await eventually(lambda: not outbox.is_slow)
    assert outbox.fd == transport.get_extra_info("socket").fileno()


async def test_a_direct_write_goes_on_where_it_stopped(ends: Ends) -> None:
    """What the kernel didn't take is the transport's, and makes the connection slow if the kernel is full."""
    outbox, transport, peer = ends
    outbox.connect(transport)
    outbox.push_rest(b"abcdef", 4)
    assert peer.recv(9) == b"ef"
    assert not outbox.is_slow


async def test_nothing_is_written_directly_after_a_close(ends: Ends) -> None:
    """Also not when the kernel has room again."""
    outbox, transport, peer = ends
    outbox.connect(transport)
    outbox.send(bytes(5_000_000))
    outbox.close(CloseCode.NORMAL, "")
    size = 0
    while size < 5_000_000:
        size += drained(peer)
        await asyncio.sleep(0)
    await eventually(lambda: not outbox.is_slow)
    assert outbox.fd == -1


async def test_what_is_still_on_its_way_is_not_overtaken(ends: Ends) -> None:
    """A transport that is handed over with HTTP answers in its buffer makes a slow connection, not a direct one."""
    outbox, transport, peer = ends
    transport.set_write_buffer_limits(100)
    transport.set_protocol(asyncio.Protocol())
    transport.write(bytes(5_000_000))
    transport.set_protocol(outbox)
    outbox.connect(transport)
    assert (outbox.fd, outbox.is_slow) == (-1, True)
    size = 0
    while size < 5_000_000:
        size += drained(peer)
        await asyncio.sleep(0)
    await eventually(lambda: not outbox.is_slow)
    assert outbox.fd >= 0


def test_other_transports_are_not_written_to_directly() -> None:
    """TLS has a state of its own between us and the socket."""
    outbox, _ = connected(99)
    assert outbox.fd == -1
