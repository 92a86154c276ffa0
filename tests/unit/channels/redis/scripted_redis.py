"""A server that speaks Redis' protocol and says what the test wants, on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import hiredis

from channels.redis.config import Address
from tests.proxy import reset

OK = b"+OK\r\n"

Answer = Callable[[list[bytes]], bytes]
"""From a command to the bytes of its answer; none at all leaves the command without one."""


def text(value: bytes) -> bytes:
    """Write a text."""
    return b"$%d\r\n%b\r\n" % (len(value), value)


def array(*items: bytes) -> bytes:
    """Write an array of what is written already."""
    return b"*%d\r\n" % len(items) + b"".join(items)


def number(value: int) -> bytes:
    """Write a number."""
    return b":%d\r\n" % value


def error(value: str) -> bytes:
    """Write an error."""
    return b"-%b\r\n" % value.encode()


def listening(command: list[bytes]) -> bytes:
    """Answer as a server does to those who listen."""
    if command[0] == b"PING":
        return array(text(b"pong"), text(b""))
    if command[0].endswith(b"SUBSCRIBE"):
        kind = text(command[0].lower())
        return b"".join(array(kind, text(name), number(1)) for name in command[1:])
    return OK


def message(channel: bytes, body: bytes) -> bytes:
    """Write a message."""
    return array(text(b"message"), text(channel), text(body))


class ScriptedRedis:
    """The server.

    Attributes:
        answer: what it answers; may be changed at any time.
        commands: what it got.
        links: how many connections there were.
        open: how many there are.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.commands: list[list[bytes]] = []
        self.links = self.open = 0
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def address(self) -> Address:
        return Address("127.0.0.1", self.port)

    def named(self, *names: bytes) -> list[list[bytes]]:
        """Those of the commands that have one of these names."""
        return [command for command in self.commands if command[0] in names]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.links += 1
        self.open += 1
        self._writers.append(writer)
        parser = hiredis.Reader(notEnoughData=None)
        try:
            while data := await reader.read(65536):
                parser.feed(data)
                while (command := parser.gets()) is not None:
                    self.commands.append(command)
                    writer.write(self.answer(command))
                await writer.drain()
        except OSError:
            pass
        finally:
            self.open -= 1
            writer.close()

    def say(self, data: bytes) -> None:
        """Send something unasked on the newest connection."""
        self._writers[-1].write(data)

    def cut(self) -> None:
        """Reset all connections."""
        for writer in self._writers:
            reset(writer.transport)
        self._writers.clear()


@asynccontextmanager
async def scripted_redis(answer: Answer = lambda _: OK) -> AsyncIterator[ScriptedRedis]:
    """Run a server as long as the block runs."""
    redis = ScriptedRedis(answer)
    server = await asyncio.start_server(redis.serve, "127.0.0.1", 0)
    redis.port = server.sockets[0].getsockname()[1]
    try:
        yield redis
    finally:
        server.close()
        redis.cut()
        await asyncio.sleep(0)
        await server.wait_closed()
