"""The ways to a database that the store needs: a pool, and connections of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol, TypeAlias

import asyncpg

Connect: TypeAlias = Callable[[], Awaitable["asyncpg.Connection[Any]"]]
"""Makes a connection that belongs to nobody else. The store listens on it, and closes it."""

AWAY: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a call raises whose database is away, or goes away in the middle. Also what it refuses."""


class Pool(Protocol):
    """Any pool of asyncpg connections: `asyncpg.Pool`, or one that behaves like it."""

    def acquire(self) -> AbstractAsyncContextManager[Any]:
        """Lend a connection for the length of a block."""
