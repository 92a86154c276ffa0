"""Measuring recall beside the searches: a bounded queue, and one worker that never holds a search up."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from integrations.vector_search.model import Hit
from integrations.vector_search.options import RecallOptions
from integrations.vector_search.recall import Kind, RecallWindows, overlap, same_hits
from integrations.vector_search.store import Pair

Measure = Callable[[], Awaitable[Pair | None]]
"""Searches both ways in the same data; `None` when that can't be had."""

OUTCOMES: Final = ("counted", "busy", "changed", "failed", "empty")


class _Sample(NamedTuple):
    kind: Kind
    given: tuple[Hit, ...]
    measure: Measure


class RecallSampler:
    """Measures the recall of a share of the searches, one at a time.

    What a search gave is compared with an exact search in unchanged data: the search is made once more beside the exact
    one, by the store's own means in one state of the data, and the sample counts only if it finds what the caller was
    given. Otherwise the data has changed since, and nobody can tell what the caller should have found.

    Args:
        random: gives numbers from 0 up to 1, to choose samples by.

    Attributes:
        outcomes: samples by what became of them: `counted`, `busy` (dropped: the queue was full), `changed` (dropped:
            so did the data), `failed` (the store raised, or took too long) and `empty` (nothing to find).
        windows: the samples that count.
    """

    def __init__(self, options: RecallOptions, random: Callable[[], float]) -> None:
        self.outcomes: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))
        self.windows = RecallWindows(options.min_samples, options.window, options.kinds)
        self._share = options.share
        self._timeout = options.timeout
        self._random = random
        self._queue: asyncio.Queue[_Sample] = asyncio.Queue(options.queue)

    def wants(self) -> bool:
        """Decide by chance whether a search is measured."""
        return self._share > 0 and self._random() < self._share

    def offer(self, kind: Kind, given: tuple[Hit, ...], measure: Measure) -> None:
        """Have a search measured, unless too many wait already."""
        try:
            self._queue.put_nowait(_Sample(kind, given, measure))
        except asyncio.QueueFull:
            self.outcomes["busy"] += 1

    async def run(self) -> None:
        """Measure what comes, until cancelled."""
        while True:
            sample = await self._queue.get()
            try:
                self.outcomes[await self._measured(sample)] += 1
            finally:
                self._queue.task_done()

    async def settled(self) -> None:
        """Wait until everything that was offered is measured."""
        await self._queue.join()

    async def _measured(self, sample: _Sample) -> str:
        try:
            async with asyncio.timeout(self._timeout):
                pair = await sample.measure()
        except Exception:
            return "failed"
        if pair is None or not same_hits(pair.approximate, sample.given):
            return "changed"
        share = overlap(pair)
        if share is None:
            return "empty"
        self.windows.add(sample.kind, share)
        return "counted"
