"""One Socket.IO client's conversation: packets in, commands of the plain protocol out.

`emit("subscribe", {channel: "x"}, answer)` is the command `subscribe` of `docs/protocol.md`, and `answer` gets its
reply; so every command can be sent, and each does and costs what it does on a WebSocket.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import orjson

from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from channels.rate import TokenBucket
from hub.closing import CloseCode
from hub.session import Context, Session
from hub.socketio.connection import SocketIoConnection
from hub.socketio.packets import Kind, Malformed, Packet, read
from hub.socketio.resumption import Resumption
from hub.wire import Invalid

_MAIN: Final = "/"
_NAMES_A_CHANNEL: Final = frozenset({"subscribe", "unsubscribe", "history", "presence"})
"""Commands that may be given a channel's name alone."""


class SocketIoSession:
    """Takes Engine.IO packets of one connection.

    Args:
        standing: who the client is without a token of its own, as far as its request tells; `None`: nobody yet.
        channels: that a client is subscribed to when it connects.
        encoding: writes what is not a publication.
    """

    __slots__ = (
        "_attachments",
        "_channels",
        "_connection",
        "_context",
        "_left",
        "_resumption",
        "_standing",
        "_strays",
        "inner",
    )

    def __init__(
        self,
        context: Context,
        connection: SocketIoConnection,
        standing: Principal | None,
        channels: Callable[[Principal], tuple[str, ...]],
    ) -> None:
        self.inner: Session | None = None
        self._context = context
        self._connection = connection
        self._standing = standing
        self._channels = channels
        self._attachments = 0
        self._left = False
        self._strays: TokenBucket | None = None
        self._resumption = Resumption()

    # What `hub.liveness` asks.

    @property
    def authenticated(self) -> bool:
        """The client has connected to the namespace, and may."""
        return self.inner is not None

    def check_token(self) -> float | None:
        """See `hub.session.Session.check_token`."""
        return None if self.inner is None else self.inner.check_token()

    # Packets.

    def receive(self, text: bytes) -> None:
        """Take one packet of text. What is none ends the connection, as the protocol wants it."""
        match text[:1]:
            case b"4":
                try:
                    self._take(read(text[1:]))
                except Malformed as error:
                    self._connection.close(CloseCode.PROTOCOL_ERROR, str(error))
            case b"3" | b"6":
                pass
            case b"1":
                self._connection.left()
            case _:
                self._connection.close(CloseCode.PROTOCOL_ERROR, "expected a packet of Engine.IO 4")

    def receive_binary(self, data: bytes) -> None:
        """Drop what belongs to an event that was refused; anything else ends the connection."""
        if self._attachments:
            self._attachments -= 1
        else:
            self._connection.close(CloseCode.PROTOCOL_ERROR, "a binary message that belongs to no event")

    def receive_oversized(self) -> None:
        """Say which limit a message broke."""
        if self.inner is not None:
            self.inner.receive_oversized()

    def _take(self, packet: Packet) -> None:
        if packet.namespace != _MAIN:
            if packet.kind is Kind.CONNECT:
                self._refuse(packet.namespace, {"message": "Invalid namespace"})
            self._count_stray()
        elif packet.kind is Kind.CONNECT:
            self._connect(packet.data or {})
        elif self.inner is None:
            raise Malformed("expected to be connected to the namespace first")
        elif packet.kind is Kind.DISCONNECT:
            self._disconnect()
        elif packet.kind is Kind.EVENT:
            self.inner.receive(self._command(packet))
        elif packet.kind is Kind.BINARY_EVENT:
            self._attachments += packet.attachments
            error = ReplyError(ErrorCode.UNSUPPORTED_DATA, "expected arguments without binary data")
            self.inner.refuse(error, Invalid(error, packet.ack))
        else:
            self._count_stray()

    def _count_stray(self) -> None:
        """Count what is no command as commands count that are refused: who sends nothing else is closed."""
        context = self._context
        allowed, now = context.settings.limits.errors_per_minute, context.clock.monotonic()
        if not allowed:
            return
        if self._strays is None:
            self._strays = TokenBucket(allowed / 60, allowed, now)
        if self._strays.take(now):
            self._connection.close(CloseCode.ABUSIVE, f"more than {allowed} packets in a minute that are no commands")

    # Coming and going.

    def _connect(self, auth: dict[str, Any]) -> None:
        if self.inner is not None:
            self._count_stray()
            return
        if self._left:
            self._count_stray()
            self._refuse(_MAIN, {"message": "this connection has left; open another one"})
            return
        try:
            principal = self._principal(auth.get("token"))
            self._context.claim(self._connection, principal)
        except ReplyError as error:
            self._refuse(_MAIN, {"message": error.message, "data": error.as_dict()})
            self._context.errors(error.code.word)
            self._count_stray()
            return
        self.inner = Session(self._context, self._connection, principal)
        self._context.wake(self._connection)
        self._send(b"40" + orjson.dumps(self._standing_by()))
        self._resumption = Resumption.of(auth.get("offset"))
        self.inner.open()
        since = auth.get("since")
        for channel in self._wanted(auth.get("channels"), principal):
            command = {"action": "subscribe", "channel": channel}
            if isinstance(since, dict) and channel in since:
                command["since"] = since[channel]
            self.inner.receive(orjson.dumps(self._resumed(command)))

    def _standing_by(self) -> dict[str, str]:
        session = self._connection.session
        if not self._context.settings.socketio.recovery:
            return {"sid": session}
        # Another one each time: the client then doesn't take itself for recovered before it is.
        return {"sid": session, "pid": session}

    def _resumed(self, command: dict[str, Any]) -> dict[str, Any]:
        """Subscribe from where the client stood, unless it says so itself."""
        if "since" not in command and (since := self._resumption.take(command.get("channel"))) is not None:
            command["since"] = since
        return command

    def _principal(self, token: object) -> Principal:
        if isinstance(token, str) and token:
            return self._context.tokens.authenticate(token)
        if self._standing is None:
            raise ReplyError(ErrorCode.UNAUTHENTICATED, "expected a token: io(url, {auth: {token}})")
        return self._standing

    def _wanted(self, named: object, principal: Principal) -> tuple[str, ...]:
        if isinstance(named, list):
            most = self._context.settings.limits.subscriptions
            return tuple(str(each) for each in named[:most])
        return self._channels(principal)

    def _disconnect(self) -> None:
        self._left = True
        if self.inner is not None:
            self.inner.leave()
            self.inner = None

    def _refuse(self, namespace: str, why: dict[str, Any]) -> None:
        place = b"" if namespace == _MAIN else namespace.encode() + b","
        self._send(b"44" + place + orjson.dumps(why))

    def _send(self, payload: bytes) -> None:
        self._connection.send(self._connection.encoding.frame(payload))

    def _command(self, packet: Packet) -> bytes:
        """Write an event as a command."""
        name, arguments = packet.event
        fields: Any = arguments[0] if arguments else {}
        if isinstance(fields, str) and name in _NAMES_A_CHANNEL:
            fields = {"channel": fields}
        if not isinstance(fields, dict):
            fields = {"arguments": arguments}  # no command has such a field: the refusal says what was expected
        command = {**fields, "action": name}
        if packet.ack is not None:
            command["id"] = packet.ack
        return orjson.dumps(self._resumed(command) if name == "subscribe" else command)
