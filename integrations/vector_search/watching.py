"""What goes on beside the searches: recall is measured, and the vectors of the collections searched are counted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from integrations.vector_search.reporting import Reporter

TIMEOUT: Final = 30.0
"""Seconds that one count may take."""


async def watch(reporter: Reporter, count: Callable[[str], Awaitable[int]]) -> None:
    """Measure recall and count vectors, until cancelled.

    Args:
        count: gives the number of a collection's vectors.
    """
    async with asyncio.TaskGroup() as group:
        group.create_task(reporter.sampler.run(), name="vector search recall")
        group.create_task(count_vectors(reporter, count), name="vector search counts")


async def count_vectors(reporter: Reporter, count: Callable[[str], Awaitable[int]]) -> None:
    """Count on a timer, and soon after a collection is searched for the first time, until cancelled.

    A collection that can't be counted has no number, in place of an old one.
    """
    interval = reporter.options.count_interval
    tallies = reporter.tallies
    while interval:
        tallies.grown.clear()
        for collection in tallies.alone():
            tallies.count(collection, await _counted(count, collection))
        try:
            async with asyncio.timeout(interval):
                await tallies.grown.wait()
        except TimeoutError:
            pass


async def _counted(count: Callable[[str], Awaitable[int]], collection: str) -> int | None:
    try:
        async with asyncio.timeout(TIMEOUT):
            return await count(collection)
    except Exception:
        return None
