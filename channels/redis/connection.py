"""One connection to one server: opened, authenticated, closed.

Written on asyncio's transports with hiredis as parser, not on redis-py's connections: replies are parsed as they come
and taken in bulk, which makes pipelines of many small replies about twice as fast, and whoever owns a connection knows
exactly what was sent on it. The protocol is RESP2: nothing comes unasked but on a connection that listens, and there in
the order of replies.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any, Final

import hiredis

from channels.redis.config import Address, Redis
from channels.redis.refusal import Refused

CLIENT_NAME: Final = b"tocsin"
"""What `CLIENT LIST` shows."""

_MORE: Final = object()
"""What the parser returns when the next reply isn't complete."""


class Lost(Exception):
    """The server can't be reached, or can't serve us at the moment. Trying again later may help, elsewhere too.

    Attributes:
        misplaced: the server said that another one has the key now.
    """

    def __init__(self, reason: str, misplaced: bool = False) -> None:
        super().__init__(reason)
        self.misplaced = misplaced


class Connection(asyncio.Protocol):
    """Commands out, replies in. For one owner; after a `Lost`, or a timeout in the middle of replies, it is closed."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._parser = hiredis.Reader(replyError=Refused, notEnoughData=_MORE)
        self._transport: asyncio.Transport | None = None
        self._replies: list[Any] = []
        self._least = 0
        self._waiter: asyncio.Future[None] | None = None
        self._sink: Callable[[list[Any]], None] | None = None
        self._end = ""
        self._gone = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin (asyncio's side)."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._end:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Parse what came (asyncio's side)."""
        gets, keep = self._parser.gets, self._replies.append
        try:
            self._parser.feed(data)
            while (reply := gets()) is not _MORE:
                keep(reply)
        except hiredis.HiredisError:
            self.give_up("doesn't speak Redis' protocol")
        else:
            if self._sink is not None:
                self._pour(self._sink)
            elif self._waiter is not None and len(self._replies) >= self._least:
                self._wake()

    def _pour(self, sink: Callable[[list[Any]], None]) -> None:
        replies, self._replies = self._replies, []
        try:
            sink(replies)
        except Lost as error:
            self.give_up(str(error).removeprefix(f"{self.address}: "))

    def connection_lost(self, error: Exception | None) -> None:
        """End (asyncio's side)."""
        self._end = self._end or (f"connection lost: {error}" if error else "the server has closed the connection")
        self._gone.set()
        self._wake()

    def give_up(self, reason: str) -> None:
        """End the connection. Who waits gets `Lost` with this reason."""
        self._end = self._end or reason
        if self._transport is None:
            self._gone.set()
        else:
            self._transport.abort()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def write(self, data: bytes) -> None:
        """Send packed commands. Doesn't wait: who sends bounds what is on its way, by waiting for replies.

        Raises:
            Lost: the connection is gone.
        """
        if self._end or self._transport is None:
            raise Lost(f"{self.address}: {self._end or 'not connected'}")
        self._transport.write(data)

    @property
    def ended(self) -> bool:
        """Whether it is known to be gone."""
        return bool(self._end)

    async def take(self, least: int = 1) -> list[Any]:
        """Wait until `least` replies have come, and return all that have: an error as a `Refused`.

        Cancelling it loses no reply.

        Raises:
            Lost: the connection ended before.
        """
        while len(self._replies) < least:
            if self._end:
                raise Lost(f"{self.address}: {self._end}")
            self._least = least
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        replies = self._replies.copy()
        self._replies.clear()
        return replies

    async def pour(self, sink: Callable[[list[Any]], None]) -> None:
        """Give replies to `sink` as long as this runs, in the turn in which they come: no task has to wake for them.

        A `Lost` that `sink` raises ends the connection.

        Raises:
            Lost: always, in the end.
        """
        self._sink = sink
        try:
            if self._replies:
                self._pour(sink)
            await self._gone.wait()
        finally:
            self._sink = None
        raise Lost(f"{self.address}: {self._end}")

    async def close(self) -> None:
        """Cut the connection, whatever state it is in, and wait until it is gone."""
        self.give_up("closed by us")
        await self._gone.wait()


def pack(*arguments: bytes | int) -> bytes:
    """Write one command in Redis' protocol."""
    packed: bytes = hiredis.pack_command(arguments)  # type: ignore[arg-type]  # declared for one argument only
    return packed


async def open_connection(redis: Redis, address: Address) -> Connection:
    """Connect and authenticate.

    Raises:
        Lost: with the reason, which never holds a password.
    """
    connection = Connection(address)
    try:
        async with asyncio.timeout(redis.timeout):
            await _connect(connection, redis, address)
            await _introduce(connection, redis)
    except TimeoutError:
        await connection.close()
        raise Lost(f"{address}: no answer within {redis.timeout:g} s") from None
    except (OSError, UnicodeError) as error:  # also what TLS refuses; a host can be wrong as a name
        await connection.close()
        raise Lost(f"{address}: {_why(error)}") from None
    except BaseException:
        await connection.close()
        raise
    return connection


def _why(error: OSError | UnicodeError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its TLS certificate isn't accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or error}"
    return str(error)


async def _connect(connection: Connection, redis: Redis, address: Address) -> None:
    loop = asyncio.get_running_loop()
    if not address.port:
        await loop.create_unix_connection(lambda: connection, address.host)
        return
    # Made anew each time, in a thread since it reads files: certificates are renewed while we run.
    try:
        context = await asyncio.to_thread(_tls, redis) if redis.tls else None
    except OSError as error:
        files = "redis.tls_ca, redis.tls_certificate or redis.tls_key"
        raise Lost(f"{files} can't be used: {error.strerror or error}") from None
    name = (redis.tls_server_name or address.host) if context else None
    transport, _ = await loop.create_connection(
        lambda: connection, address.host, address.port, ssl=context, server_hostname=name
    )
    # Frees a reader whose server has lost its power, also where nothing is asked.
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def _tls(redis: Redis) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=redis.tls_ca or None)
    if redis.tls_certificate:
        context.load_cert_chain(redis.tls_certificate, redis.tls_key or None)
    return context


async def _introduce(connection: Connection, redis: Redis) -> None:
    """Authenticate, choose the database, and say who we are, in one round trip."""
    commands = [pack(b"CLIENT", b"SETNAME", CLIENT_NAME)]
    if redis.database:
        commands.insert(0, pack(b"SELECT", redis.database))
    if redis.password:
        user = (redis.username.encode(),) if redis.username else ()
        commands.insert(0, pack(b"AUTH", *user, redis.password.encode()))
    connection.write(b"".join(commands))
    replies = await connection.take(len(commands))
    address = connection.address
    if redis.password and isinstance(error := replies.pop(0), Refused):
        # Not the text: a server that doesn't know AUTH repeats what it got.
        raise Lost(f"{address}: refuses user and password ({error.code}); check redis.username and redis.password")
    for error in replies:
        if isinstance(error, Refused) and error.code == "NOAUTH":
            raise Lost(f"{address}: wants a password; set redis.password, and redis.username if it has users")
    if redis.database and isinstance(error := replies[0], Refused):
        raise Lost(f"{address}: refuses database {redis.database}: {error}")
    # Whether it takes our name doesn't matter, and what else is wrong comes with the first command that counts.
