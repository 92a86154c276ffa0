"""Whether the database is there: known at once, by a connection of our own that ends when the server does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import quote, urlsplit

import asyncpg

from hub.sections.database import DatabaseOptions

RETRY = (0.1, 5.0)
"""Seconds between two tries while it is away: at first, and at most. Each time it is twice as long."""

_ERRORS = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Watch:
    """Looks, until it is cancelled.

    Args:
        timeout: seconds for connecting, and for an answer.
        interval: seconds between two questions on a connection that seems to be there.
        changed: told of each change, with the reason when the database went away.

    Attributes:
        available: whether it was there when we last heard.
        losses: how often it went away.
    """

    def __init__(self, dsn: str, timeout: float, interval: float, changed: Callable[[bool, str], None]) -> None:
        self.available = False
        self.losses = 0
        self._dsn = dsn
        self._timeout = timeout
        self._interval = interval
        self._changed = changed
        self._said_away = False

    async def run(self) -> None:
        """Connect, stay connected, and connect again."""
        first, longest = RETRY
        delay = first
        while True:
            try:
                connection = await asyncpg.connect(
                    self._dsn, timeout=self._timeout, server_settings={"application_name": "tocsin watch"}
                )
            except _ERRORS as error:
                self._away(in_words(error))
                await asyncio.sleep(delay)
                delay = min(longest, 2 * delay)
                continue
            delay = first
            self._here()
            try:
                self._away(await self._stay(connection))
            finally:
                connection.terminate()

    async def _stay(self, connection: asyncpg.Connection[asyncpg.Record]) -> str:
        """Return why the connection is of no use any more."""
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _: ended.set())
        while not connection.is_closed():
            try:
                async with asyncio.timeout(self._interval):
                    await ended.wait()
            except TimeoutError:
                try:
                    await connection.fetchval("SELECT 1", timeout=self._timeout)
                except _ERRORS as error:
                    return in_words(error)
        return "the server closed the connection"

    def _here(self) -> None:
        self.available, self._said_away = True, False
        self._changed(True, "")

    def _away(self, reason: str) -> None:
        self.losses += self.available
        if self.available or not self._said_away:
            self.available, self._said_away = False, True
            self._changed(False, reason)


def in_words(error: BaseException) -> str:
    """Say what is amiss, on one line. The messages of asyncpg and of PostgreSQL hold no password."""
    return (str(error).splitlines() or [""])[0] or type(error).__name__


def dsn_of(options: DatabaseOptions) -> str:
    """Return the address with user and password in it: a secret."""
    parts = urlsplit(options.url)
    user, password = options.user, options.password.get_secret_value()
    given, _, place = parts.netloc.rpartition("@")
    name = given or quote(user, safe="")
    secret = f":{quote(password, safe='')}" if password else ""
    at = f"{name}{secret}@" if name or secret else ""
    return f"{parts.scheme}://{at}{place}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def place_of(options: DatabaseOptions) -> str:
    """Return where the database is, for the log: without user and parameters other than the socket's folder."""
    parts = urlsplit(options.url)
    sockets = [part.removeprefix("host=") for part in parts.query.split("&") if part.startswith("host=")]
    return f"{parts.netloc.rpartition('@')[2] or ','.join(sockets) or 'default'}{parts.path}"
