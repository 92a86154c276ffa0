"""A pool's own errors."""

from __future__ import annotations

import pytest

from integrations.db_pool import PoolClosed, PoolError, PoolFull, PoolTimeout


@pytest.mark.parametrize("kind", [PoolTimeout, PoolFull, PoolClosed])
def test_all_are_caught_as_one(kind: type[PoolError]) -> None:
    """Who only wants to know whether there is a connection catches `PoolError`."""
    assert issubclass(kind, PoolError)


def test_a_timeout_is_a_timeout() -> None:
    """Code that was written for `asyncpg.Pool` catches `TimeoutError`."""
    assert issubclass(PoolTimeout, TimeoutError)
