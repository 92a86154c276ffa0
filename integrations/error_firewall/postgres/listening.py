"""Hearing of changes within milliseconds: one connection that listens."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import asyncpg

from integrations.error_firewall.postgres.access import AWAY, Connect
from integrations.error_firewall.postgres.database import unavailable

AGAIN: Final = 0.5
"""Seconds after which news are told again to who asks as if they had not been told."""


class Listening:
    """Waits for the numbers of changes.

    A notification only says "look": what changed is read by number. So one that was lost with its connection costs
    nothing, as long as somebody looks after each reconnect; `wait` returns at once then.

    Args:
        connect: makes the connection; `None`: nothing is heard, and `wait` just sleeps.
        channel: of the notifications.
        patience: seconds that the database has for an answer.
    """

    def __init__(self, connect: Connect | None, channel: str, patience: float = 10.0) -> None:
        self._connect = connect
        self._channel = channel
        self._patience = patience
        self._connection: asyncpg.Connection[Any] | None = None
        self._opening = asyncio.Lock()
        self._stirred = asyncio.Event()
        self._heard = 0
        self._told = (0, 0)
        self.reconnects = 0
        """Times that a connection was made, the first one included."""

    async def wait(self, since: int, timeout: float) -> None:
        """Return when a number above `since` was heard or may have been missed, or after `timeout` seconds.

        Raises:
            StoreUnavailable: can't listen now.
        """
        if self._connect is None:
            await asyncio.sleep(timeout)
        elif self._connection is None or self._connection.is_closed():
            await self._open(self._connect)
        elif self._heard > since:
            if self._told == (since, self._heard):
                # Who asks again with the same could not read it, or found nothing: soon again, but not without pause.
                await self._hear(self._connection, min(timeout, AGAIN))
            self._told = (since, self._heard)
        else:
            await self._hear(self._connection, timeout)

    async def _open(self, connect: Connect) -> None:
        async with self._opening:
            if self._connection is not None and not self._connection.is_closed():
                return
            connection = None
            try:
                async with asyncio.timeout(self._patience):
                    connection = await connect()
                    connection.add_termination_listener(self._ended)
                    await connection.add_listener(self._channel, self._notified)
            except AWAY as error:
                if connection is not None:
                    connection.terminate()
                raise unavailable(error) from None
            except BaseException:
                if connection is not None:
                    connection.terminate()
                raise
            self._connection = connection
            self._heard = 0
            self.reconnects += 1

    async def _hear(self, connection: asyncpg.Connection[Any], timeout: float) -> None:
        self._stirred.clear()
        try:
            async with asyncio.timeout(timeout):
                await self._stirred.wait()
        except TimeoutError:
            await self._probe(connection)

    async def _probe(self, connection: asyncpg.Connection[Any]) -> None:
        """Find out whether the silence is a dead connection."""
        try:
            async with asyncio.timeout(self._patience):
                await connection.execute("SELECT 1")
        except AWAY as error:
            connection.terminate()
            raise unavailable(error) from None

    def close(self) -> None:
        """Let go of the connection. Waiting again makes another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        text = str(payload)
        if text.isdecimal():
            self._heard = max(self._heard, int(text))
        self._stirred.set()

    def _ended(self, _connection: object) -> None:
        self._stirred.set()
