"""Single queries on a borrowed connection: what both kinds of pool have beside `acquire`."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, cast

import pytest

from integrations.db_pool.lending import Borrowed
from integrations.db_pool.shortcuts import Shortcuts


class Connection:
    """Says what it was asked for."""

    def __init__(self, calls: list[tuple[Any, ...]]) -> None:
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any, **options: Any) -> str:
            self._calls.append((name, args, options))
            if args[0] == "broken":
                raise ValueError("as the database says")
            return f"answer of {name}"

        return call


class Pool(Shortcuts):
    """Lends such connections."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.lent = 0

    def acquire(self, *, timeout: float | None = None) -> AbstractAsyncContextManager[Borrowed]:
        return self._acquire()

    @asynccontextmanager
    async def _acquire(self) -> Any:
        self.lent += 1
        try:
            yield cast(Borrowed, Connection(self.calls))
        finally:
            self.lent -= 1


async def test_each_asks_its_connection() -> None:
    """With the same arguments, and gives back what came."""
    pool = Pool()
    assert await pool.fetch("q", 1, timeout=2.0) == cast(Any, "answer of fetch")
    assert await pool.fetchrow("q", 1) == cast(Any, "answer of fetchrow")
    assert await pool.fetchval("q", 1, column=3) == "answer of fetchval"
    assert await pool.execute("q") == "answer of execute"
    await pool.executemany("q", [(1,), (2,)])
    assert pool.calls == [
        ("fetch", ("q", 1), {"timeout": 2.0}),
        ("fetchrow", ("q", 1), {"timeout": None}),
        ("fetchval", ("q", 1), {"column": 3, "timeout": None}),
        ("execute", ("q",), {"timeout": None}),
        ("executemany", ("q", [(1,), (2,)]), {"timeout": None}),
    ]
    assert pool.lent == 0


async def test_what_fails_gives_the_connection_back() -> None:
    """The error goes to the caller."""
    pool = Pool()
    with pytest.raises(ValueError, match="as the database says"):
        await pool.fetch("broken")
    assert pool.lent == 0
