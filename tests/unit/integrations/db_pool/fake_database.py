"""A database for tests of a pool's logic: it does what it is told, and counts its connections as a server does."""

from __future__ import annotations

import asyncio
from typing import cast

from asyncpg import Record
from asyncpg.connection import Connection


class FakeConnection:
    """One session. The server keeps it for `lag` turns of the loop after it was cut without a word."""

    def __init__(self, database: FakeDatabase, number: int) -> None:
        self._database = database
        self.number = number
        self.closed = False
        self.cleaned = 0

    def is_closed(self) -> bool:
        return self.closed

    def terminate(self) -> None:
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().call_later(self._database.lag, self._database.forget, self)

    def die(self) -> None:
        """The server ends it."""
        self.closed = True
        self._database.forget(self)

    def get_server_pid(self) -> int:
        return 1000 + self.number

    def _set_proxy(self, proxy: object) -> None:
        pass

    def _on_release(self) -> None:
        pass


class FakeDatabase:
    """Opens, cleans and closes.

    Attributes:
        sessions: those that the server has, also those that are being opened.
        peak: most sessions at a time.
        errors: raised by the next openings, in order.
        dirty: raised by the next cleanings, in order.
        doors: while it is clear, openings wait.
        water: while it is clear, cleanings wait.
        lag: seconds until the server notices that a session was cut.
    """

    def __init__(self, lag: float = 0.0) -> None:
        self.sessions: set[FakeConnection] = set()
        self.opened: list[FakeConnection] = []
        self.peak = 0
        self.errors: list[Exception] = []
        self.dirty: list[Exception] = []
        self.doors = asyncio.Event()
        self.doors.set()
        self.water = asyncio.Event()
        self.water.set()
        self.lag = lag

    async def open(self) -> Connection[Record]:
        connection = FakeConnection(self, len(self.opened))
        self.opened.append(connection)
        self.sessions.add(connection)
        self.peak = max(self.peak, len(self.sessions))
        try:
            await self.doors.wait()
            await asyncio.sleep(0)
            if self.errors:
                raise self.errors.pop(0)
        except BaseException:
            connection.terminate()
            raise
        return cast("Connection[Record]", connection)

    async def clean(self, connection: Connection[Record]) -> None:
        session = cast(FakeConnection, connection)
        await self.water.wait()
        await asyncio.sleep(0)
        if self.dirty:
            raise self.dirty.pop(0)
        if session.closed:
            raise ConnectionError("closed")
        session.cleaned += 1

    async def close(self, connection: Connection[Record]) -> None:
        await asyncio.sleep(0)
        cast(FakeConnection, connection).die()

    def forget(self, connection: FakeConnection) -> None:
        """The server's process has ended."""
        self.sessions.discard(connection)
