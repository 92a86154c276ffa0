"""A WebSocket connection, fed with bytes: what it takes, what it writes, how it closes."""

from __future__ import annotations

import gc
import struct
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate

from hub.closing import CloseCode
from hub.dialects.plain import PlainDialect
from hub.encoding import Encoding
from hub.frames import BINARY as BINARY_FRAME
from hub.frames import frame as server_frame
from hub.transports.websocket import Parser, WebSocketConnection
from tests.conformance.raw import BINARY, CLOSE, CONT, PING, PONG, RSV1, TEXT, close, deflated, frame, text
from tests.unit.hub.transports.manual import ManualTransport

LIMIT = 1000


class RecordingHost:
    """A hub's clock and books."""

    def __init__(self, max_bytes: int = 100_000) -> None:
        self.max_bytes = max_bytes
        self.now = 100.0
        self.closed: list[int] = []
        self.gone: list[int] = []

    def clock(self) -> float:
        return self.now

    def closing(self, connection: WebSocketConnection) -> None:
        assert not connection.is_open
        self.closed.append(connection.close_code)

    def lost(self, connection: WebSocketConnection) -> None:
        assert not connection.is_connected
        self.gone.append(connection.close_code)


class EchoingReceiver:
    """Keeps what comes and sends it back. `close` in a text closes the connection."""

    def __init__(self, connection: WebSocketConnection) -> None:
        self._connection = connection
        self.taken: list[str | bytes] = []
        self.oversized = 0

    def receive(self, text: bytes) -> None:
        self.taken.append(text.decode())
        self._connection.send(self._connection.encoding.frame(text))
        if text == b"close":
            self._connection.close(CloseCode.ABUSIVE, "as you like")

    def receive_binary(self, data: bytes) -> None:
        self.taken.append(data)
        self._connection.send(self._connection.encoding.frame(data, BINARY_FRAME))

    def receive_oversized(self) -> None:
        self.oversized += 1
        self._connection.send(server_frame(b"too big"))


@dataclass
class Ends:
    """A connection and all that is around it."""

    connection: WebSocketConnection
    transport: ManualTransport
    host: RecordingHost
    receiver: EchoingReceiver

    def feed(self, *data: bytes) -> None:
        """Receive data, each in a call of its own."""
        for piece in data:
            self.connection.data_received(piece)

    def written(self) -> bytes:
        """Return what was written since the last time."""
        return self.transport.read()

    def has_parser(self) -> bool:
        """Tell whether the connection holds a parser."""
        return any(isinstance(thing, Parser) for thing in gc.get_referents(self.connection))


def opened(*, room: int = 1 << 30, compression: bool = False, max_bytes: int = 100_000) -> Ends:
    """Open a connection to a kernel that has room for so many bytes."""
    host = RecordingHost(max_bytes)
    extensions: list[Extension] = [PerMessageDeflate(True, True, 15, 15)] if compression else []
    encoding = Encoding(PlainDialect(), 15 if compression else 0, min_bytes=20)
    connection = WebSocketConnection(host, "client", "s-1", encoding, LIMIT, address="::1", extensions=extensions)
    receiver = connection.receiver = EchoingReceiver(connection)
    transport = ManualTransport(connection, room)
    connection.connection_made(transport)
    transport.set_write_buffer_limits(0)
    return Ends(connection, transport, host, receiver)


def server_close(code: int, reason: str = "") -> bytes:
    """Return a close frame of the hub's."""
    return server_frame(struct.pack("!H", code) + reason.encode(), CLOSE)


# Messages.


def test_messages_are_taken() -> None:
    """Text and binary, in one frame or in several, in their order."""
    ends = opened()
    ends.feed(text("grüß"), frame(BINARY, b"\xff"), frame(TEXT, b"a", fin=False), frame(CONT, b"b"))
    assert ends.receiver.taken == ["grüß", b"\xff", "ab"]


def test_a_message_is_activity_and_any_byte_is_a_sign_of_life() -> None:
    """The idle limit counts from the last message, the heartbeat from the last byte."""
    ends = opened()
    ends.connection.ping()
    assert ends.connection.pinged
    ends.host.now = 110.0
    ends.feed(frame(PONG))
    assert (ends.connection.heard, ends.connection.active, ends.connection.pinged) == (110.0, 100.0, False)
    ends.host.now = 120.0
    ends.feed(text("x"))
    assert (ends.connection.heard, ends.connection.active) == (120.0, 120.0)


def test_without_a_receiver_messages_are_dropped() -> None:
    """A connection that isn't told whom to give them to only speaks."""
    ends = opened()
    ends.connection.receiver = None
    ends.feed(text("x"), frame(BINARY, b"x"), frame(PING))
    assert ends.written() == server_frame(b"", PONG)


@pytest.mark.parametrize("compression", [False, True])
def test_an_idle_connection_has_no_parser(compression: bool) -> None:
    """It costs memory, so it lives only in the middle of a frame or of a message in fragments."""
    ends = opened(compression=compression)
    assert not ends.has_parser()
    first = text("x")
    data = first + frame(PING)
    for cut in range(1, len(data)):
        ends.feed(data[:cut])
        assert ends.has_parser() is (cut != len(first)), f"cut at {cut}"
        ends.feed(data[cut:])
        assert not ends.has_parser()
    ends.feed(frame(TEXT, b"a", fin=False))
    assert ends.has_parser()
    ends.feed(frame(PING))
    assert ends.has_parser()
    ends.feed(frame(CONT, b"b"))
    assert not ends.has_parser()


@st.composite
def client_streams(draw: st.DrawFn, compression: bool) -> bytes:
    """Valid frames of a client: messages in fragments, compressed or not, with pings and pongs between."""
    stream = bytearray()
    pieces: list[bytes]
    for _ in range(draw(st.integers(1, 5))):
        opcode = draw(st.sampled_from([TEXT, BINARY]))
        payload = draw(st.text(max_size=150)).encode() if opcode == TEXT else draw(st.binary(max_size=150))
        packed = compression and draw(st.booleans())
        body = deflated(payload) if packed else payload
        cuts = sorted(draw(st.lists(st.integers(0, len(body)), max_size=3)))
        pieces = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
        for index, piece in enumerate(pieces):
            rsv = RSV1 if packed and not index else 0
            fin = index == len(pieces) - 1
            stream += frame(CONT if index else opcode, piece, fin=fin, rsv=rsv)
            for control in draw(st.lists(st.sampled_from([PING, PONG]), max_size=2)):
                stream += frame(control, draw(st.binary(max_size=125)))
    return bytes(stream)


def replies(pieces: list[bytes], compression: bool) -> tuple[list[str | bytes], bytes]:
    """Feed pieces to a new connection; return what it took and what it wrote."""
    ends = opened(compression=compression)
    ends.feed(*pieces)
    assert ends.connection.is_open, ends.written()
    assert not ends.has_parser()
    return ends.receiver.taken, ends.written()


@pytest.mark.parametrize("compression", [False, True])
@given(data=st.data())
def test_wherever_a_stream_is_cut_the_replies_are_the_same(compression: bool, data: st.DataObject) -> None:
    """TCP keeps no boundaries: the parser may come and go between any two bytes, and never loses its place."""
    stream = data.draw(client_streams(compression))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    whole = replies([stream], compression)
    assert replies([piece for piece in pieces if piece], compression) == whole
    assert replies([bytes([byte]) for byte in stream], compression) == whole


def test_pongs_stand_among_the_replies() -> None:
    """Answers come in the order of what they answer."""
    ends = opened()
    ends.feed(text("a") + frame(PING, b"1") + text("b") + frame(PING, b"2"))
    assert ends.written() == server_frame(b"a") + server_frame(b"1", PONG) + server_frame(b"b") + server_frame(
        b"2", PONG
    )


def test_pongs_wait_and_are_bounded_like_replies() -> None:
    """A client that pings and reads nothing is a slow one."""
    ends = opened(room=0)
    ends.feed(frame(PING, b"1"), frame(PING, b"2"))
    assert (ends.transport.buffer, ends.connection.queued_bytes) == (server_frame(b"1", PONG), 3)
    ends.feed(frame(PING, bytes(125)) * 20)
    assert ends.connection.close_code == CloseCode.SLOW_CONSUMER
    assert ends.connection.queued_bytes == 0


# Faults. tests/conformance has the whole list.


def test_an_oversized_message_is_told_before_the_close() -> None:
    """The receiver may say which limit it was."""
    ends = opened(max_bytes=10)
    ends.feed(text("x") + text("x" * 11) + text("y"))
    assert (ends.receiver.taken, ends.receiver.oversized) == (["x"], 1)
    assert ends.written().startswith(server_frame(b"x") + server_frame(b"too big") + b"\x88")
    assert (ends.connection.close_code, ends.transport.is_closing()) == (1009, True)


def test_bad_text_is_not_taken_and_ends_the_connection() -> None:
    """Nor is anything that came behind it in the same segment; the messages before it are."""
    ends = opened()
    ends.feed(text("a") + frame(TEXT, b"\xff") + text("b") + close(1000))
    assert ends.receiver.taken == ["a"]
    assert (ends.connection.close_code, ends.transport.is_closing()) == (1007, True)


def test_bad_text_is_found_at_its_fragment() -> None:
    """Characters may be cut between fragments; what can't become UTF-8 any more fails without waiting for the rest."""
    ends = opened()
    ends.feed(frame(TEXT, b"\xe2\x82", fin=False), frame(CONT, b"\xac", fin=False))
    assert ends.connection.is_open
    ends.feed(frame(CONT, b"\xe2(", fin=False))
    assert (ends.connection.close_code, ends.receiver.taken) == (1007, [])


def test_binary_fragments_need_not_be_utf8() -> None:
    """Also when text came before."""
    ends = opened()
    ends.feed(frame(TEXT, b"a", fin=False), frame(CONT, b"b"))
    ends.feed(frame(BINARY, b"\xff", fin=False), frame(CONT, b"\xfe"))
    assert ends.receiver.taken == ["ab", b"\xff\xfe"]


def test_after_a_fault_nothing_is_taken() -> None:
    """The connection has failed; what the client still sends is thrown away."""
    ends = opened()
    ends.feed(frame(0x3))
    ends.feed(text("x"), b"\xff" * 99, close(1000))
    assert (ends.connection.close_code, ends.receiver.taken, ends.host.closed) == (1002, [], [1002])


# Closing.


def test_the_client_closes() -> None:
    """Its close frame comes back, the TCP connection is ended by the hub, and the books are told once each."""
    ends = opened()
    ends.feed(close(4321, b"bye") + text("x"))
    assert ends.written() == server_close(4321, "bye")
    assert (ends.connection.is_open, ends.transport.is_closing(), ends.receiver.taken) == (False, True, [])
    ends.transport.lose()
    assert (ends.host.closed, ends.host.gone) == ([4321], [4321])
    assert not ends.has_parser()


def test_the_hub_closes() -> None:
    """The hub's close frame is the last that it sends; the client's answer ends the TCP connection."""
    ends = opened()
    ends.connection.close(CloseCode.GOING_AWAY, "restart")
    assert ends.written() == server_close(1001, "restart")
    assert not ends.transport.is_closing()
    ends.connection.send(b"x")
    ends.connection.push(b"x", 1.0)
    ends.connection.ping()
    ends.feed(text("x"), frame(PING))
    assert ends.receiver.taken == []
    ends.feed(close(1001))
    assert ends.transport.is_closing()
    ends.transport.lose()
    assert (ends.written(), ends.host.closed, ends.host.gone) == (b"", [1001], [1001])


def test_closing_twice_is_once() -> None:
    """The first code stays."""
    ends = opened()
    ends.connection.close(CloseCode.IDLE, "")
    ends.connection.close(CloseCode.GOING_AWAY, "")
    assert (ends.written(), ends.host.closed) == (server_close(4001), [4001])
    ends.feed(close(1000))
    assert (ends.connection.close_code, ends.host.closed) == (4001, [4001])


def test_both_close_at_once() -> None:
    """Close frames that cross end the connection; the hub's own code is the one that counts."""
    ends = opened()
    ends.connection.close(CloseCode.IDLE, "")
    ends.feed(close(1000))
    assert (ends.transport.is_closing(), ends.connection.close_code, ends.written()) == (True, 4001, server_close(4001))


def test_a_close_in_the_middle_of_a_message() -> None:
    """The message is given up, and the client's close frame is recognised behind the rest of it."""
    ends = opened()
    whole = frame(TEXT, b"abcdef")
    ends.feed(whole[:8])
    ends.connection.close(CloseCode.IDLE, "")
    ends.feed(whole[8:] + close(4001))
    assert (ends.transport.is_closing(), ends.receiver.taken) == (True, [])


def test_the_client_closes_between_fragments() -> None:
    """RFC 6455, 5.4: control frames may come in the middle of a message, so this is a close like any other."""
    ends = opened()
    ends.feed(frame(TEXT, b"a", fin=False), close(1000))
    assert (ends.written(), ends.connection.close_code) == (server_close(1000), 1000)
    assert (ends.transport.is_closing(), ends.receiver.taken) == (True, [])


def test_the_hub_closes_over_a_message_that_the_clients_close_follows() -> None:
    """Both in one segment: the client's close frame is answered, and the TCP connection ends without waiting."""
    ends = opened()
    ends.feed(text("close") + frame(PING) + text("x") + close(1000))
    assert ends.receiver.taken == ["close"]
    assert ends.written() == server_frame(b"close") + server_close(1000)
    assert (ends.transport.is_closing(), ends.host.closed) == (True, [4503])


def test_a_close_sends_what_waits_first() -> None:
    """What was promised comes before the close frame, however slow the client is."""
    ends = opened(room=0)
    ends.connection.send(b"a")
    ends.connection.send(b"b")
    ends.connection.close(CloseCode.GOING_AWAY, "")
    ends.transport.take()
    assert ends.written() == b"ab" + server_close(1001)


def test_a_client_that_closes_gets_nothing_more() -> None:
    """What waited is dropped: nothing may follow the answer to its close frame."""
    ends = opened(room=0)
    ends.connection.send(b"a")
    ends.connection.send(b"b")
    ends.feed(close(1000))
    ends.connection.push_keyed([(("c", "k"), b"c")])
    assert ends.connection.queued_bytes == 0
    ends.transport.take()
    assert ends.written() == b"a" + server_close(1000)


def test_a_closing_connection_reads() -> None:
    """Also when reading was stopped for commands that waited: the client's close frame must be seen."""
    ends = opened()
    ends.connection.read_on(False)
    ends.connection.close(CloseCode.GOING_AWAY, "")
    assert ends.transport.is_reading()


def test_a_long_reason_is_cut_at_a_character() -> None:
    """A close frame holds 123 bytes of reason, and they must be UTF-8."""
    ends = opened()
    ends.connection.close(CloseCode.IDLE, "x" + "ü" * 99)
    assert ends.written() == server_close(4001, "x" + "ü" * 61)


def test_a_socket_that_is_lost_was_not_closed() -> None:
    """Without a close frame the code is 1006; nothing can be sent or closed after that."""
    ends = opened()
    ends.feed(text("x")[:3])
    ends.transport.lose(ConnectionResetError())
    assert (ends.host.gone, ends.host.closed, ends.has_parser()) == ([1006], [], False)
    ends.connection.close(CloseCode.IDLE, "")
    ends.connection.send(b"x")
    ends.connection.ping()
    ends.connection.abort()
    assert (ends.written(), ends.host.closed) == (b"", [])


def test_an_abort_cuts_the_socket() -> None:
    """For a client that doesn't answer a close."""
    ends = opened(room=0)
    ends.connection.send(b"a")
    ends.connection.abort()
    assert ends.transport.aborted


def test_a_slow_client_is_pinged_in_its_turn() -> None:
    """The ping waits behind what the client hasn't read: who reads on, comes to it and answers."""
    ends = opened(room=0)
    ends.connection.ping()
    assert ends.transport.buffer == b"\x89\x00"
    ends.connection.ping()
    assert (ends.transport.buffer, ends.connection.pinged) == (b"\x89\x00", True)
    assert ends.connection.queued_bytes == 2
