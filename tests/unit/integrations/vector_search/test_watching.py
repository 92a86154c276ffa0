"""What goes on beside the searches."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from integrations.vector_search.options import SearchOptions
from integrations.vector_search.reporting import Reporter
from integrations.vector_search.watching import count_vectors, watch
from tests.kit import eventually, rest
from tests.vector_searches import reporting


def searched(reporter: Reporter, *collections: str) -> None:
    for name in collections:
        reporter.begin((name,), 1, None, 1).complete((), 0, depth=1, filtered=False)


def counted(reporter: Reporter) -> dict[str, int | None]:
    return {name: numbers.vectors for name, numbers in reporter.numbers().collections.items()}


async def test_a_collection_is_counted_once_it_is_searched() -> None:
    """Soon, not at the end of the interval."""
    reporter, _ = reporting(SearchOptions(count_interval=3_600))
    asked: list[str] = []

    async def count(collection: str) -> int:
        asked.append(collection)
        return len(asked)

    task = asyncio.create_task(watch(reporter, count))
    await rest()
    assert asked == []
    searched(reporter, "docs")
    await eventually(lambda: counted(reporter) == {"docs": 1})
    searched(reporter, "docs", "notes")
    await eventually(lambda: counted(reporter) == {"docs": 2, "notes": 3})
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_it_is_counted_again_on_a_timer() -> None:
    """What was put in meanwhile shows."""
    reporter, _ = reporting(SearchOptions(count_interval=0.001))
    points = 0
    enough = asyncio.Event()

    async def count(_collection: str) -> int:
        nonlocal points
        points += 1
        if points > 3:
            enough.set()
        return points

    searched(reporter, "docs")
    task = asyncio.create_task(watch(reporter, count))
    async with asyncio.timeout(5):
        await enough.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_what_cant_be_counted_has_no_number() -> None:
    """In place of an old one, which would look alive."""
    reporter, _ = reporting(SearchOptions(count_interval=3_600))
    away = False

    async def count(_collection: str) -> int:
        if away:
            raise ConnectionError("away")
        return 7

    searched(reporter, "docs")
    task = asyncio.create_task(watch(reporter, count))
    await eventually(lambda: counted(reporter) == {"docs": 7})
    away = True
    searched(reporter, "notes")
    await eventually(lambda: counted(reporter) == {"docs": None, "notes": None})
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_counting_may_be_off() -> None:
    """An interval of 0 asks nothing."""
    reporter, _ = reporting(SearchOptions(count_interval=0))

    async def count(_collection: str) -> int:
        raise AssertionError("asked")

    searched(reporter, "docs")
    await count_vectors(reporter, count)
    assert counted(reporter) == {"docs": None}
