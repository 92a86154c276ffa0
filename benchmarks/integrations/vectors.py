"""What observation costs who searches: the same search bare and observed, in turn, in every state of the hub.

The store answers at once and never waits, so what is timed is the caller's own time. A search only notes what there is
to say; the messages are made, encoded and put into the hub's queue in the loop's next turn, which is timed on its own.
In a burst searches follow each other; single ones come after a pause.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from benchmarks.stats import middle
from channels.ports import Publisher
from channels.push import Push
from hub.notify import Inbox
from hub.server import Server
from hub.settings import Source, load
from hub.wiring import build
from integrations.vector_search.model import Distance, Found, Hit, Point, PointId, Question
from integrations.vector_search.options import RecallOptions, SearchOptions
from integrations.vector_search.reporting import Reporter
from integrations.vector_search.search import ObservedSearch
from integrations.vector_search.store import Pair

NAME: Final = "vectors"
BUDGET_US: Final = 20.0
"""What one search may cost more."""

BURSTS, SEARCHES = 40, 100
SINGLES = 300
PAUSE_SECONDS = 0.02
SINGLE_PAUSE_SECONDS = 0.004
DIMENSIONS, TOP_K = 384, 10


class InstantStore:
    """A store whose every search is over at once."""

    def __init__(self) -> None:
        hits = tuple(Hit(number, 1.0 - number / 100, {}, "docs") for number in range(TOP_K))
        self._found = Found(hits, 100)
        self._pair = Pair(hits, hits)

    async def create(self, collection: str, dimensions: int, distance: Distance = "cosine") -> None:
        """Nothing to make."""

    async def drop(self, collection: str) -> None:
        """Nothing to drop."""

    async def upsert(self, collection: str, points: Sequence[Point]) -> None:
        """Nowhere to put them."""

    async def delete(self, collection: str, ids: Collection[PointId]) -> None:
        """Nothing to delete."""

    async def count(self, collection: str) -> int:
        """As many as it gives."""
        return TOP_K

    async def search(self, collection: str, question: Question) -> Found:
        """The same as ever."""
        return self._found

    async def search_both_ways(self, collection: str, question: Question) -> Pair:
        """The same both ways."""
        return self._pair


@dataclass(frozen=True, slots=True)
class Cost:
    """What observation adds to one search, in microseconds: medians of observed searches less that of bare ones.

    Attributes:
        hub: the hub's state.
        progress: `search_progress` is published, too.
        bare_us: the bare search.
        p99_us: 99th percentile of the observed searches in bursts, less the bare median.
        single_us: a search after a pause, when nothing of all this is in the processor's caches.
        later_us: what the loop spends on a search's messages afterwards, which nobody waits for.
    """

    hub: str
    progress: bool
    bare_us: float
    burst_us: float
    p99_us: float
    later_us: float
    single_us: float

    @property
    def within(self) -> bool:
        """Tell whether it keeps to the budget. What a search costs alone is mostly waiting for memory: it depends on
        what else the machine does, and is shown, not judged."""
        return self.burst_us < BUDGET_US


@asynccontextmanager
async def _present() -> AsyncIterator[Publisher]:
    inbox = Inbox()
    server = Server(build(load(Source(None, {}), {"server.port": 0, "system_stats.interval": 0}), inbox=inbox))
    await server.start()
    try:
        yield inbox.put
    finally:
        await server.stop(0.0)


@asynccontextmanager
async def _absent() -> AsyncIterator[None]:
    yield None


@asynccontextmanager
async def _full() -> AsyncIterator[Publisher]:
    yield Inbox(limit=0).put


STATES: Final[dict[str, Callable[[], AbstractAsyncContextManager[Publisher | None]]]] = {
    "present": _present,
    "absent": _absent,
    "queue full": _full,
}


async def measure() -> list[Cost]:
    """Measure in every state of the hub, with progress and without."""
    return [await _measured(state, progress) for state in STATES for progress in (True, False)]


async def _measured(state: str, progress: bool) -> Cost:
    store, vector = InstantStore(), [0.05] * DIMENSIONS
    async with STATES[state]() as publish:
        reporter = Reporter(Push(publish), SearchOptions(RecallOptions(share=0.02), progress=progress))
        async with ObservedSearch(store, reporter) as search:

            async def bare() -> Found:
                return await store.search("docs", Question(vector, TOP_K))

            async def observed() -> Found:
                return await search.search_vectors("docs", vector, top_k=TOP_K)

            await _bursts(bare, observed, reporter, 5)  # warm
            burst = await _bursts(bare, observed, reporter, BURSTS)
            single = Times(await _singles(bare), await _singles(observed), [])
    return Cost(
        state,
        progress,
        bare_us=(middle(burst.bare) or 0.0) / 1000,
        burst_us=burst.added_us(0.5),
        p99_us=burst.added_us(0.99),
        later_us=(middle(burst.later) or 0.0) / 1000,
        single_us=single.added_us(0.5),
    )


@dataclass(frozen=True, slots=True)
class Times:
    """Nanoseconds of searches: bare ones, observed ones, and what is said of each later."""

    bare: list[int]
    observed: list[int]
    later: list[float]

    def added_us(self, share: float) -> float:
        """A quantile of the observed searches less the median of the bare ones, in microseconds."""
        return (sorted(self.observed)[int(len(self.observed) * share)] - (middle(self.bare) or 0.0)) / 1000


Call = Callable[[], Awaitable[Found]]


async def _bursts(bare: Call, observed: Call, reporter: Reporter, bursts: int) -> Times:
    """Bare and observed searches in turn."""
    times = Times([], [], [])
    for _ in range(bursts):
        for _ in range(SEARCHES):
            times.bare.append(await _timed(bare))
            times.observed.append(await _timed(observed))
        begun = time.perf_counter_ns()
        reporter.flush()
        times.later.append((time.perf_counter_ns() - begun) / SEARCHES)
        await asyncio.sleep(PAUSE_SECONDS)
    return times


async def _singles(search: Call) -> list[int]:
    """Searches that each come after a pause, when the processor has other things in its caches."""
    spent = []
    for _ in range(SINGLES):
        spent.append(await _timed(search))
        await asyncio.sleep(SINGLE_PAUSE_SECONDS)
    return spent


async def _timed(search: Call) -> int:
    begun = time.perf_counter_ns()
    await search()
    return time.perf_counter_ns() - begun


def _line(cost: Cost) -> str:
    progress = "with progress" if cost.progress else "without"
    return (
        f"hub {cost.hub:10}  {progress:13}  bare {cost.bare_us:5.2f} us, added: {cost.burst_us:5.2f} us in a burst "
        f"(p99 {cost.p99_us:5.1f}), {cost.single_us:5.2f} us alone; later {cost.later_us:5.2f} us  "
        f"{'ok' if cost.within else 'over the budget'}"
    )


if __name__ == "__main__":
    print("\n".join(map(_line, asyncio.run(measure()))))
