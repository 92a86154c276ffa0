"""Borrowing a connection for a single query."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from typing import Any

from asyncpg import Record

from integrations.db_pool.lending import Borrowed


class Shortcuts(ABC):
    """What `asyncpg.Pool` has beside `acquire`, with the same arguments."""

    __slots__ = ()

    @abstractmethod
    def acquire(self, *, timeout: float | None = None) -> AbstractAsyncContextManager[Borrowed]:
        """Borrow a connection."""

    async def fetch(self, query: str, *args: Any, timeout: float | None = None) -> list[Record]:
        """Borrow a connection for one query, and return its rows. `timeout` is the query's, in seconds."""
        async with self.acquire() as connection:
            return await connection.fetch(query, *args, timeout=timeout)

    async def fetchrow(self, query: str, *args: Any, timeout: float | None = None) -> Record | None:
        """The same for the first row, or `None`."""
        async with self.acquire() as connection:
            return await connection.fetchrow(query, *args, timeout=timeout)

    async def fetchval(self, query: str, *args: Any, column: int = 0, timeout: float | None = None) -> Any:
        """The same for one value of the first row."""
        async with self.acquire() as connection:
            return await connection.fetchval(query, *args, column=column, timeout=timeout)

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:
        """The same for a command; return its status."""
        async with self.acquire() as connection:
            return await connection.execute(query, *args, timeout=timeout)

    async def executemany(self, query: str, args: Any, timeout: float | None = None) -> None:
        """The same for a command with many rows of parameters, all or none."""
        async with self.acquire() as connection:
            await connection.executemany(query, args, timeout=timeout)
