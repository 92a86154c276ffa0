"""Hearing of changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from integrations.error_firewall.ports import StoreUnavailable
from integrations.error_firewall.postgres.listening import Listening
from tests.unit.integrations.error_firewall.postgres.database_kit import cut_everybody, execute


@pytest.fixture
async def listening(database: str) -> AsyncIterator[Listening]:
    """On the channel `news`, and listening already."""
    listening = Listening(lambda: asyncpg.connect(database), "news", patience=5.0)
    await listening.wait(0, 10.0)
    yield listening
    listening.close()


async def tell(dsn: str, number: object) -> None:
    await execute(dsn, f"SELECT pg_notify('news', '{number}')")


async def ends(listening: Listening, since: int, timeout: float = 10.0) -> float:
    """Wait; return how long it took."""
    begin = time.monotonic()
    await listening.wait(since, timeout)
    return time.monotonic() - begin


async def test_the_first_wait_ends_at_once(database: str) -> None:
    """Whatever happened before nobody could hear."""
    listening = Listening(lambda: asyncpg.connect(database), "news")
    assert await ends(listening, 0) < 9
    assert listening.reconnects == 1
    listening.close()


async def test_a_number_ends_the_wait(listening: Listening, database: str) -> None:
    """Also one that came before it."""
    waiting = asyncio.create_task(ends(listening, 1))
    await tell(database, 2)
    assert await waiting < 9
    await tell(database, 3)
    assert await ends(listening, 2) < 9


async def test_what_is_known_already_is_no_news(listening: Listening, database: str) -> None:
    """The wait goes on to its end."""
    await tell(database, 5)
    assert await ends(listening, 4) < 4
    assert await ends(listening, 5, 0.1) >= 0.09


async def test_the_same_news_are_told_with_a_pause(listening: Listening, database: str) -> None:
    """Whoever asks again found nothing there, or could not look: he is told again soon, but must not spin."""
    await tell(database, 1_000_000)
    for _ in range(2):
        assert await ends(listening, 4) < 4
    assert await ends(listening, 4, 0.1) >= 0.09
    assert 0.4 <= await ends(listening, 4, 9.0) < 4


async def test_a_strange_payload_wakes_too(listening: Listening, database: str) -> None:
    """Anybody may notify; looking costs little."""
    waiting = asyncio.create_task(ends(listening, 0))
    await asyncio.sleep(0)
    await tell(database, "nonsense")
    assert await waiting < 9


async def test_a_cut_connection_ends_the_wait(listening: Listening, database: str) -> None:
    """And the next wait connects, and ends at once: something may have been missed."""
    waiting = asyncio.create_task(ends(listening, 0))
    await asyncio.sleep(0)
    assert await cut_everybody(database) == 1
    assert await waiting < 9
    assert await ends(listening, 0) < 9
    assert listening.reconnects == 2
    await tell(database, 1)
    assert await ends(listening, 0) < 9


async def test_a_database_that_is_away_is_told(database: str) -> None:
    """By an error, again and again; nothing is left open."""

    async def fail() -> Any:
        raise ConnectionRefusedError

    listening = Listening(fail, "news")
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await listening.wait(0, 1.0)

    async def hang() -> Any:
        await asyncio.sleep(60)

    hanging = Listening(hang, "news", patience=0.05)
    with pytest.raises(StoreUnavailable, match="didn't answer in time"):
        await hanging.wait(0, 1.0)


async def test_a_dead_connection_is_noticed(database: str) -> None:
    """One that answers nothing any more and doesn't end either, such as one whose server lost its power."""
    made: list[Any] = []

    async def connect() -> Any:
        made.append(await asyncpg.connect(database))
        return made[-1]

    listening = Listening(connect, "news", patience=0.2)
    await listening.wait(0, 1.0)
    blocker = await asyncpg.connect(database)
    # A query that lasts stands for silence.
    stuck = asyncio.create_task(made[0].execute("SELECT pg_sleep(30)"))
    await asyncio.sleep(0.05)
    with pytest.raises(StoreUnavailable):
        await listening.wait(0, 0.05)
    assert made[0].is_closed()
    await asyncio.gather(stuck, return_exceptions=True)
    await listening.wait(0, 1.0)
    assert len(made) == 2
    listening.close()
    await blocker.close()


async def test_without_a_connection_waiting_is_sleeping() -> None:
    """Changes are then found when it ends."""
    assert await ends(Listening(None, "news"), 0, 0.05) >= 0.04
