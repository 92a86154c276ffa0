"""Measuring recall beside the searches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from integrations.vector_search.model import Hit
from integrations.vector_search.options import RecallOptions
from integrations.vector_search.recall import Kind
from integrations.vector_search.sampling import Measure, RecallSampler
from integrations.vector_search.store import Pair

KIND = Kind("docs", 100, 10, False)


def hits(*ids: int) -> tuple[Hit, ...]:
    return tuple(Hit(id, 1.0 - id / 100, {}, "docs") for id in ids)


def sampler(random: Callable[[], float] = lambda: 0.0, **options: Any) -> RecallSampler:
    return RecallSampler(RecallOptions(**{"share": 1.0, "min_samples": 1, **options}), random)


def gives(pair: Pair | None) -> Measure:
    async def measure() -> Pair | None:
        return pair

    return measure


@asynccontextmanager
async def running(sampler: RecallSampler) -> AsyncIterator[None]:
    task = asyncio.create_task(sampler.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def recall_of(sampler: RecallSampler) -> float | None:
    estimate = sampler.windows.estimate(KIND)
    return None if estimate is None else estimate.recall


async def test_what_was_found_is_compared_with_what_is_true() -> None:
    """The share of true hits becomes a sample."""
    tested = sampler()
    async with running(tested):
        tested.offer(KIND, hits(1, 2, 9, 10), gives(Pair(hits(1, 2, 9, 10), hits(1, 2, 3, 4))))
        await tested.settled()
    assert recall_of(tested) == 0.5
    assert tested.outcomes["counted"] == 1


async def test_data_that_changed_is_not_counted() -> None:
    """When the same search finds something else now, nobody knows what the caller should have found. Nor when the
    store says so itself."""
    tested = sampler()
    async with running(tested):
        tested.offer(KIND, hits(1, 2), gives(Pair(hits(1, 3), hits(1, 3))))
        tested.offer(KIND, hits(1, 2), gives(None))
        await tested.settled()
    assert tested.outcomes["changed"] == 2
    assert recall_of(tested) is None


async def test_nothing_to_find_is_not_counted() -> None:
    """Neither as all found nor as nothing found."""
    tested = sampler()
    async with running(tested):
        tested.offer(KIND, (), gives(Pair((), ())))
        await tested.settled()
    assert tested.outcomes["empty"] == 1
    assert recall_of(tested) is None


async def test_a_measurement_that_fails_or_hangs_is_counted_and_the_next_one_is_made() -> None:
    """A broken store ends no worker."""

    async def breaks() -> Pair | None:
        raise ConnectionError("the store is away")

    async def hangs() -> Pair | None:
        await asyncio.Event().wait()
        return None

    tested = sampler(timeout=0.01)
    async with running(tested):
        for measure in (breaks, hangs, gives(Pair(hits(1), hits(1)))):
            tested.offer(KIND, hits(1), measure)
        await tested.settled()
    assert tested.outcomes == {"counted": 1, "busy": 0, "changed": 0, "failed": 2, "empty": 0}


async def test_one_at_a_time_and_no_more_wait_than_may() -> None:
    """An exact search reads everything there is: the store isn't asked for two at once, and what is too much is
    dropped, and counted."""
    begun, go = asyncio.Event(), asyncio.Event()
    at_once = most = 0

    async def slow() -> Pair | None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        begun.set()
        await go.wait()
        at_once -= 1
        return Pair(hits(1), hits(1))

    tested = sampler(queue=2)
    async with running(tested):
        tested.offer(KIND, hits(1), slow)
        await begun.wait()
        for _ in range(5):
            tested.offer(KIND, hits(1), slow)
        assert tested.outcomes["busy"] == 3
        go.set()
        await tested.settled()
    assert most == 1
    assert tested.outcomes["counted"] == 3


async def test_a_share_is_chosen_by_chance() -> None:
    """Below the share; none at 0, all at 1."""
    numbers = iter([0.0, 0.0999, 0.1, 0.9])
    tested = sampler(lambda: next(numbers), share=0.1)
    assert [tested.wants() for _ in range(4)] == [True, True, False, False]
    assert not sampler(lambda: 0.0, share=0.0).wants()
    assert sampler(lambda: 0.999999, share=1.0).wants()


async def test_cancelling_ends_a_measurement() -> None:
    """A hub that stops doesn't wait for an exact search."""
    begun = asyncio.Event()

    async def endless() -> Pair | None:
        begun.set()
        await asyncio.Event().wait()
        return None

    tested = sampler()
    async with asyncio.timeout(5), running(tested):
        tested.offer(KIND, hits(1), endless)
        await begun.wait()
    assert sum(tested.outcomes.values()) == 0
