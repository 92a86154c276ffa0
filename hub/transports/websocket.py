"""A WebSocket connection on a socket of its own: an `asyncio.Protocol` around the sans-I/O parser of `websockets`.

No task, no stream, no timer per connection. Outgoing messages are ready frames (see `hub.outbox`); the parser writes
only pongs and close frames. The parser lives only while it is in the middle of something: an idle connection costs a
few small objects.
"""

from __future__ import annotations

import asyncio
import codecs
import logging
from collections.abc import Iterator
from types import GeneratorType
from typing import ClassVar, Protocol, cast

from websockets.exceptions import PayloadTooBig
from websockets.extensions import Extension
from websockets.frames import BINARY, CLOSE, CONT, PING, PONG, TEXT, Frame
from websockets.protocol import Protocol as LibraryParser
from websockets.protocol import Side, State
from websockets.streams import StreamReader

from hub.closing import CloseCode
from hub.connection import Connection
from hub.encoding import Encoding
from hub.frames import PING as PING_FRAME

_quiet = logging.getLogger("tocsin.websockets")
_quiet.setLevel(logging.WARNING)

_NO_EXTENSIONS: list[Extension] = []

_utf8 = codecs.getincrementaldecoder("utf-8")


class Receiver(Protocol):
    """Takes what a client sends."""

    def receive(self, text: bytes) -> None:
        """Take one text message; it is valid UTF-8."""

    def receive_binary(self, data: bytes) -> None:
        """Take one binary message."""

    def receive_oversized(self) -> None:
        """Hear that a message over the limit came; the connection closes with 1009 right after."""


class Host(Protocol):
    """What a connection needs of the hub around it."""

    max_bytes: int
    """Longest message that is taken."""

    def clock(self) -> float:
        """The loop's time."""

    def closing(self, connection: WebSocketConnection) -> None:
        """Watch a connection whose close frame was sent: it must end within the close timeout."""

    def lost(self, connection: WebSocketConnection) -> None:
        """Forget a connection whose socket is gone. Called once."""


class Parser(LibraryParser):
    """The library's parser. It leaves UTF-8 to its callers, and takes a close frame between fragments for an error."""

    _text: codecs.IncrementalDecoder | None = None

    def recv_frame(self, frame: Frame) -> None:
        if frame.opcode is CLOSE:
            self.current_size = None  # RFC 6455, 5.4: control frames may come in the middle of a message
        super().recv_frame(frame)
        try:
            self._check(frame)
        except UnicodeDecodeError:
            self.events.pop()
            raise  # closes with 1007, at the first fragment that can't be right

    def _check(self, frame: Frame) -> None:
        if frame.opcode is TEXT:
            self._text = _utf8()
        if self._text is not None and frame.opcode in (TEXT, CONT):
            self._text.decode(frame.data, frame.fin)
            if frame.fin:
                self._text = None


class WebSocketConnection(Connection, asyncio.Protocol):
    """One connection.

    Args:
        address: of the client, for limits and lists.
        extensions: as negotiated.

    Attributes:
        opened, heard: when the connection began, and when anything at all came last, in the loop's time.
        pinged: nothing came since the last ping.
        next_ping, close_by: see `hub.liveness`.
        close_code: the code that was sent or received first; 1006 when there was none.
        receiver: set by the maker before any data comes.
    """

    encoding: Encoding
    ping_frame: ClassVar[bytes] = PING_FRAME

    __slots__ = (
        "_answered",
        "_extensions",
        "_host",
        "_latency",
        "_parser",
        "_parts",
        "_pinged_at",
        "_text",
        "heard",
        "next_ping",
        "pinged",
        "receiver",
    )

    def __init__(
        self,
        host: Host,
        client_id: str,
        session: str,
        encoding: Encoding,
        limit: int,
        *,
        address: str = "",
        extensions: list[Extension] | None = None,
    ) -> None:
        super().__init__(client_id, session, encoding, limit, address=address, opened=host.clock())
        self.receiver: Receiver | None = None
        self.heard = self.opened
        self.pinged = False
        self.next_ping = 0.0
        self._pinged_at: float | None = None
        self._answered: float | None = None
        self._latency: float | None = None
        self._host = host
        self._extensions = extensions or _NO_EXTENSIONS
        self._parser: Parser | None = None
        self._parts: bytearray | None = None
        self._text = False

    @property
    def kind(self) -> str:
        return "websocket"

    @property
    def latency(self) -> float | None:
        return self._latency

    @property
    def answered(self) -> float | None:
        return self._answered

    def extend(self, extensions: list[Extension]) -> None:
        """Read with these extensions, before anything is read."""
        self._extensions = extensions

    # From the transport.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.connect(cast(asyncio.Transport, transport))

    def data_received(self, data: bytes) -> None:
        self.heard = self._host.clock()
        self.pinged = False
        parser = self._parser or self._new_parser()
        parser.receive_data(data)
        # A pong for each ping; then, if it came to that, a close frame and the end.
        answers = iter(parser.data_to_send())
        for frame in cast("list[Frame]", parser.events_received()):
            if frame.opcode is PING:
                self.send(next(answers))  # among the replies, and bounded like them: a client may ping and never read
            elif self.is_open:
                self._take(frame)
        self._finish(parser, answers)

    def connection_lost(self, exc: Exception | None) -> None:
        self.disconnect()
        self._parser = None
        self._parts = None
        self._host.lost(self)

    # Reading.

    def _new_parser(self) -> Parser:
        parser = self._parser = Parser(Side.SERVER, state=State.OPEN, max_size=self._host.max_bytes, logger=_quiet)
        parser.extensions = self._extensions
        return parser

    def _take(self, frame: Frame) -> None:
        """Put fragments together."""
        if frame.opcode is PONG:
            self._ponged()
        if frame.opcode not in (TEXT, BINARY, CONT):
            return
        if frame.opcode is not CONT:
            self._text = frame.opcode is TEXT
        if frame.fin and self._parts is None:
            self._dispatch(bytes(frame.data))
            return
        if self._parts is None:
            self._parts = bytearray()
        self._parts += frame.data
        if frame.fin:
            data, self._parts = bytes(self._parts), None
            self._dispatch(data)

    def _dispatch(self, data: bytes) -> None:
        self.active = self.heard
        if self.receiver is None:
            return
        if self._text:
            self.receiver.receive(data)
        else:
            self.receiver.receive_binary(data)

    def _finish(self, parser: Parser, answers: Iterator[bytes]) -> None:
        """Write the close frame, if there is one, and let the parser go when it waits for nothing."""
        if parser.state is not State.OPEN:
            self._closed_by(parser)
        for data in answers:
            if self._transport is None:
                break
            if data:
                self._transport.write(data)
            else:
                self._transport.close()
        if parser.state is State.OPEN and parser.current_size is None and _is_between_frames(parser):
            self._parser = None

    def _closed_by(self, parser: Parser) -> None:
        """Note that the client closed or broke the protocol; `close` has noted it when the hub closed."""
        if not self.is_open:
            return
        close = parser.close_rcvd or parser.close_sent
        if isinstance(parser.parser_exc, PayloadTooBig) and self.receiver is not None:
            self.receiver.receive_oversized()
        self._end()
        self._drop_queue()
        self.close_code = 1006 if close is None else int(close.code)
        self._watch_close()

    # Liveness.

    def ping(self) -> None:
        """Ask the client for a sign of life; browsers answer by themselves."""
        self.pinged = True
        self.send(self.ping_frame)  # in its turn: who reads slowly, but reads, comes to it and answers
        if self._pinged_at is None:  # or the answer to an earlier one would count for this one
            self._pinged_at = self._host.clock()

    def _ponged(self) -> None:
        """Measure the way there and back. Pongs come in the order of their pings; one that nobody asked for is none."""
        if self._pinged_at is not None:
            self._latency = self._host.clock() - self._pinged_at
            self._answered, self._pinged_at = self._pinged_at, None

    def close(self, code: CloseCode | int, reason: str) -> None:
        """Send what is queued and a close frame, and nothing after it. Closing twice is once."""
        if not self.is_open or self._transport is None:
            return
        self._end()
        self.close_code = int(code)
        self._write_queue()
        parser = self._parser or self._new_parser()
        if parser.state is State.OPEN:
            parser.send_close(code, _cut(reason))
            self._transport.write(b"".join(parser.data_to_send()))
        # Or the client's close frame would wait behind commands that are not read any more.
        self._transport.resume_reading()
        self._watch_close()

    def _watch_close(self) -> None:
        self.close_by = self._host.clock()
        self._host.closing(self)


def _is_between_frames(parser: Parser) -> bool:
    """Tell whether the parser waits for a new frame, with nothing read of it.

    It then stands in `StreamReader.at_eof`. Should a later version of the library wait elsewhere, parsers are kept,
    which costs memory only.
    """
    waiting = cast("GeneratorType[None, None, None]", parser.parser).gi_yieldfrom
    return getattr(waiting, "gi_code", None) is StreamReader.at_eof.__code__


def _cut(reason: str) -> str:
    """Shorten a close reason to the 123 bytes that a close frame holds."""
    return reason.encode()[:123].decode(errors="ignore")
