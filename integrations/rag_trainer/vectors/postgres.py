"""A connection to PostgreSQL for code that blocks; what goes wrong is told without the address."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias, TypeVar

import asyncpg

from integrations.rag_trainer.ports import StoreFailed

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
R = TypeVar("R")

_SCHEMES: Final = ("postgresql://", "postgres://")
_CLOSING: Final = 5.0
"""Seconds for a connection's farewell."""


class Session:
    """Runs work on one connection, which is opened when it is needed, and again when it was cut.

    asyncpg needs a loop of its own, because whoever calls may stand on one: it runs in a thread, from the first work
    until `close`.

    Args:
        dsn: `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`, as libpq has it.
        timeout: seconds for connecting, and for each statement.

    Raises:
        ValueError: `dsn` isn't one.
    """

    def __init__(self, dsn: str, timeout: float) -> None:
        if not dsn.startswith(_SCHEMES):
            # It isn't repeated: it has a password in it.
            raise ValueError("expected pgvector_dsn to begin with postgresql://, such as postgresql://USER@HOST/NAME")
        self._dsn = dsn
        self._timeout = timeout
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None

    def run(self, work: Callable[[Connection], Awaitable[R]]) -> R:
        """Do something with the connection.

        Raises:
            StoreFailed: PostgreSQL couldn't be reached, refused, or was too slow. What else `work` raises passes
                through.
        """
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="pgvector", daemon=True)
            self._thread.start()
        return asyncio.run_coroutine_threadsafe(self._run(work), self._loop).result()

    def close(self) -> None:
        """Close the connection and end the thread; twice is once."""
        loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._disconnect(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    async def _run(self, work: Callable[[Connection], Awaitable[R]]) -> R:
        try:
            return await work(await self._connected())
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            text = _told(error)
        except asyncpg.InternalClientError as error:
            # A connection that is cut in the middle of a statement may be left in a state that asyncpg doesn't know.
            text = _told(error)
            self._drop()
        # Outside of the handler, so that no traceback has the driver's own words.
        raise StoreFailed(text)

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            try:
                # Without prepared statements kept, it also works through PgBouncer.
                self._connection = await asyncpg.connect(
                    self._dsn,
                    timeout=self._timeout,
                    command_timeout=self._timeout,
                    statement_cache_size=0,
                    server_settings={"application_name": "tocsin"},
                )
            except ValueError:
                text = "expected pgvector_dsn to be an address of PostgreSQL; the part after postgresql:// isn't one"
            else:
                return self._connection
            raise StoreFailed(text)
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _disconnect(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            try:
                await self._connection.close(timeout=_CLOSING)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                self._connection.terminate()


def _told(error: Exception) -> str:
    state = getattr(error, "sqlstate", None)
    if state in _REMEDIES:
        return f"expected to work with PostgreSQL of pgvector_dsn; {_REMEDIES[state]} ({state})"
    if isinstance(error, TimeoutError):
        return "expected an answer of PostgreSQL within pgvector_timeout; none came: look at the server, or raise it"
    if isinstance(error, OSError):
        return f"expected to reach PostgreSQL of pgvector_dsn; got {type(error).__name__}: look whether it runs"
    told = f"{type(error).__name__}, {state}" if state else type(error).__name__
    return f"expected to work with PostgreSQL of pgvector_dsn; it failed ({told}): look at the server's log"


_REMEDIES: Final = {
    "28000": "it doesn't let this user in",
    "28P01": "it refused the password",
    "3D000": "there is no such database: make it",
    "53100": "its disk is full; nothing was changed",
    "53300": "it has too many connections",
    "0A000": "it has no extension `vector`: install pgvector 0.8 or newer",
    "58P01": "it has no extension `vector`: install pgvector 0.8 or newer",
    "42501": "its user lacks the right: have an administrator run CREATE EXTENSION vector, and grant CREATE on the "
    "database",
}
