"""A way to a database on a Unix socket over TCP that can be cut and restored, as a server that dies and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, unquote, urlsplit

from tests.proxy import reset


class Road:
    """Carries bytes between TCP clients and the server's socket.

    Attributes:
        dsn: the database, over this road.
    """

    def __init__(self, dsn: str) -> None:
        parts = urlsplit(dsn)
        self._socket = f"{unquote(parse_qs(parts.query)['host'][0])}/.s.PGSQL.5432"
        self._database = f"{parts.username}@127.0.0.1:{{port}}{parts.path}?sslmode=disable"
        self._server: asyncio.Server | None = None
        self._port = 0
        self._links: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def dsn(self) -> str:
        return "postgresql://" + self._database.format(port=self._port)

    async def open(self) -> None:
        """Let clients in; at the same port as before."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Reset every link, and refuse new ones."""
        if self._server is not None:
            self._server.close()
        links = list(self._links)
        for link, writer in list(self._links.items()):
            reset(writer.transport)
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._links[task] = writer
        server_writer: asyncio.StreamWriter | None = None
        try:
            server_reader, server_writer = await asyncio.open_unix_connection(self._socket)
            async with asyncio.TaskGroup() as both:
                both.create_task(_pipe(reader, server_writer))
                both.create_task(_pipe(server_reader, writer))
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            self._links.pop(task, None)
            for end in (writer, server_writer):
                if end is not None:
                    end.close()
                    with suppress(OSError):
                        await end.wait_closed()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(64 * 1024):
        writer.write(data)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def road_to(dsn: str) -> AsyncIterator[Road]:
    """Open a road, and close it afterwards."""
    road = Road(dsn)
    await road.open()
    try:
        yield road
    finally:
        await road.cut()
