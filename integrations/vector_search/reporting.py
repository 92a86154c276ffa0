"""What is said and counted of each search. Nothing in here reaches the search's caller, not even its own mistakes."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count, pairwise
from random import Random
from typing import Any, Final, Literal

from channels.messages import SearchCompleted, SearchFailed, SearchProgress
from channels.model import Channels
from channels.push import Push
from integrations.vector_search.model import Found, Hit
from integrations.vector_search.numbers import SearchNumbers, Tallies
from integrations.vector_search.options import SearchOptions
from integrations.vector_search.query_text import one_line
from integrations.vector_search.recall import Estimate, kind_of
from integrations.vector_search.sampling import Measure, RecallSampler

Stage = Literal["embedding", "searching", "reranking"]

WAITING_MAX: Final = 1_000
"""Messages that may wait for the next turn of the loop; with more, who searches has to say them all himself."""

Prepare = Callable[[], tuple[tuple[Hit, ...], Measure]]

_NAMES: Final = 256
"""Characters of the collections' names that go out."""


def numbered() -> Callable[[], str]:
    """Return a source of ids that no other process gives: a random beginning, and a number."""
    prefix, numbers = secrets.token_hex(4), count(1)
    return lambda: f"q-{prefix}-{next(numbers)}"


class Reporter:
    """Publishes on `vector_search`, counts, and has recall measured.

    Args:
        push: the way to the hub.
        clock: seconds, for durations.
        ids: gives each search its `query_id`.
        random: gives numbers from 0 up to 1, to choose samples of recall by.

    Attributes:
        faults: exceptions of the reporting itself, which end here.
    """

    def __init__(
        self,
        push: Push,
        options: SearchOptions | None = None,
        *,
        clock: Callable[[], float] = time.perf_counter,
        ids: Callable[[], str] | None = None,
        random: Callable[[], float] | None = None,
    ) -> None:
        self.push = push
        self.options = options or SearchOptions()
        self.clock = clock
        self.ids = ids or numbered()
        self.faults = 0
        self.sampler = RecallSampler(self.options.recall, random or Random().random)  # noqa: S311 - chooses samples
        self.tallies = Tallies(self.options.collections, self.options.latency_window)
        self._waiting: deque[Callable[[], None]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self, collections: Sequence[str], top_k: int, text: str | None, stages: int) -> Report:
        """Begin to report on a search that has so many stages: embedding, each collection, re-ranking."""
        try:
            return Report(self, collections, top_k, text, stages)
        except Exception:
            self.faults += 1
            return NoReport()

    def later(self, say: Callable[[], None]) -> None:
        """Have something said in the next turn of the loop, in the order of the calls: a search only notes what it has
        to say, and making messages of it is not its caller's time. Without a loop it is said at once."""
        self._waiting.append(say)
        if self._loop is not None and len(self._waiting) < WAITING_MAX and self._loop.is_running():
            return
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        if self._loop is None or len(self._waiting) >= WAITING_MAX:
            self.flush()
        else:
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Say now what waits to be said."""
        self._loop = None
        while self._waiting:
            say = self._waiting.popleft()
            try:
                say()
            except Exception:
                self.faults += 1

    def numbers(self) -> SearchNumbers:
        """Return all that is known of the searches so far."""
        return SearchNumbers(
            self.tallies.read(),
            dict(self.sampler.windows.estimates()),
            dict(self.sampler.outcomes),
            self.faults,
        )


class Report:
    """Reports on one search: `enter` each stage, then `complete` or `fail`, once."""

    __slots__ = ("_began", "_done", "_id", "_reporter", "_searched", "_stage", "_stages", "_text", "_times", "_top_k")

    def __init__(
        self, reporter: Reporter, collections: Sequence[str], top_k: int, text: str | None, stages: int
    ) -> None:
        self._reporter = reporter
        self._searched = collections
        self._top_k = top_k
        self._text = text
        self._stages = stages
        self._done = -1
        self._stage: Stage = "searching"
        self._times: list[tuple[Stage, float]] = []
        self._id = reporter.ids()
        self._began = reporter.clock()

    def enter(self, stage: Stage, collection: str | None = None) -> None:
        """Say that a stage begins, and with it that the one before is done."""
        try:
            reporter = self._reporter
            self._stage = stage
            self._done += 1
            self._times.append((stage, reporter.clock()))
            if reporter.options.progress:
                reporter.later(partial(self._progress, 100.0 * self._done / self._stages, stage, collection))
        except Exception:
            self._reporter.faults += 1

    def complete(self, found: Sequence[Found], results: int, *, depth: int, filtered: bool) -> None:
        """Say that it gave so many results, and how.

        Args:
            found: what each collection gave, when asked for `depth` hits.
        """
        try:
            reporter = self._reporter
            now = reporter.clock()
            reporter.tallies.of(self._searched).add(now - self._began)
            reporter.later(partial(self._say_completed, found, results, depth, filtered, now))
        except Exception:
            self._reporter.faults += 1

    def fail(self, error: BaseException) -> None:
        """Say that it gave an exception, of which only the kind goes out."""
        try:
            reporter = self._reporter
            now = reporter.clock()
            cancelled = isinstance(error, asyncio.CancelledError)
            tally = reporter.tallies.of(self._searched)
            if cancelled:
                tally.cancelled += 1
            else:
                tally.failed += 1
            reporter.later(partial(self._say_failed, type(error).__name__, cancelled, now))
        except Exception:
            self._reporter.faults += 1

    def sample(self, collection: str, found: Found, depth: int, *, filtered: bool, prepare: Prepare) -> None:
        """Have the recall of a search for `depth` hits measured, if chance wants it and the search was not exact.

        Args:
            prepare: called then at once, before the caller can change what he searched with: gives what was found,
                and how to search both ways.
        """
        try:
            sampler = self._reporter.sampler
            if found.exact_reason is None and sampler.wants():
                sampler.offer(kind_of(collection, found.ef_search, depth, filtered), *prepare())
        except Exception:
            self._reporter.faults += 1

    def _progress(self, progress: float, status: str, collection: str | None) -> None:
        name = None if collection is None else one_line(collection, _NAMES) or "-"
        data = {"query_id": self._id, "progress": min(progress, 100.0), "status": status, "collection": name}
        self._reporter.push(Channels.VECTOR_SEARCH, SearchProgress.type, data)

    def _say_failed(self, reason: str, cancelled: bool, now: float) -> None:
        options = self._reporter.options
        if options.progress:
            self._progress(100.0 * max(self._done, 0) / self._stages, "failed", None)
        data: dict[str, Any] = {
            "query_id": self._id,
            "collection": self._names(),
            "status": "cancelled" if cancelled else "failed",
            "stage": self._stage,
            "reason": one_line(reason, _NAMES),
            "search_time_ms": _milliseconds(now - self._began),
            "query": options.query.shown(self._text),
        }
        self._reporter.push(Channels.VECTOR_SEARCH, SearchFailed.type, data)

    def _say_completed(self, found: Sequence[Found], results: int, depth: int, filtered: bool, now: float) -> None:
        options = self._reporter.options
        if options.progress:
            self._progress(100.0, "completed", None)
        ef_search, reason = _index_used(found)
        estimate = self._estimate(found, depth, filtered)
        spent = self._spent(now)
        data: dict[str, Any] = {
            "query_id": self._id,
            "collection": self._names(),
            "top_k": self._top_k,
            "search_time_ms": _milliseconds(now - self._began),
            "results_count": results,
            "ef_search": ef_search,
            "recall_estimated": None if estimate is None else round(estimate.recall, 4),
            "recall_low": None if estimate is None else round(estimate.low, 4),
            "recall_high": None if estimate is None else round(estimate.high, 4),
            "recall_samples": None if estimate is None else estimate.samples,
            "exact_reason": reason,
            "embed_ms": spent.get("embedding"),
            "search_ms": spent.get("searching"),
            "rerank_ms": spent.get("reranking"),
            "query": options.query.shown(self._text),
        }
        self._reporter.push(Channels.VECTOR_SEARCH, SearchCompleted.type, data)

    def _estimate(self, found: Sequence[Found], depth: int, filtered: bool) -> Estimate | None:
        windows = self._reporter.sampler.windows
        if not windows.known or len(found) != 1 or found[0].exact_reason is not None:
            return None
        return windows.estimate(kind_of(self._searched[0], found[0].ef_search, depth, filtered))

    def _spent(self, now: float) -> dict[str, float]:
        """Milliseconds of each stage that there was: each lasts until the next begins."""
        if len(self._times) == 1:
            stage, began = self._times[0]
            return {stage: _milliseconds(now - began)}
        spent: dict[str, float] = {}
        for (stage, began), (_, end) in pairwise([*self._times, ("searching", now)]):
            spent[stage] = spent.get(stage, 0.0) + _milliseconds(end - began)
        return spent

    def _names(self) -> str:
        names = self._searched
        return one_line(names[0] if len(names) == 1 else ",".join(names), _NAMES) or "-"


class NoReport(Report):
    """Of a search that can't be reported on: takes all, and says nothing."""

    __slots__ = ()

    def __init__(self) -> None:
        """Nothing to remember."""

    def enter(self, stage: Stage, collection: str | None = None) -> None:
        """Say nothing."""

    def complete(self, found: Sequence[Found], results: int, *, depth: int, filtered: bool) -> None:
        """Say nothing."""

    def fail(self, error: BaseException) -> None:
        """Say nothing."""

    def sample(self, collection: str, found: Found, depth: int, *, filtered: bool, prepare: Prepare) -> None:
        """Measure nothing."""


def _index_used(found: Sequence[Found]) -> tuple[int | None, str | None]:
    """The ef_search of all collections, and why there is none; neither where they differ."""
    if len(found) == 1:
        return found[0].ef_search, found[0].exact_reason
    used = {(one.ef_search, one.exact_reason) for one in found}
    return used.pop() if len(used) == 1 else (None, None)


def _milliseconds(seconds: float) -> float:
    return round(max(seconds, 0.0) * 1000, 4)
