"""Observed vector searches on the hub: code in the hub's process hands a store in, and gets one that is observed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from channels.push import Push
from hub.adapters.adapter import Surroundings
from hub.sections.vector_search import VectorSearchOptions
from integrations.vector_search.numbers import BOUNDS, CollectionNumbers, SearchNumbers
from integrations.vector_search.options import RecallOptions, SearchOptions
from integrations.vector_search.query_text import QueryText
from integrations.vector_search.recall import Kind
from integrations.vector_search.reporting import Reporter
from integrations.vector_search.search import Embedder, ObservedSearch, Reranker
from integrations.vector_search.store import VectorStore
from integrations.vector_search.watching import watch


class VectorSearch:
    """Observes searches by the hub's options. Nothing runs, and nothing is measured, until something is observed."""

    name = "vector_search"

    def __init__(self, options: VectorSearchOptions, hub: Surroundings) -> None:
        self.push = Push(hub.publish)
        self._options = _observing(options)
        self._tasks = hub.tasks
        self._reporters: dict[str, Reporter] = {}

    async def start(self) -> None:
        """Nothing begins by itself."""

    async def stop(self) -> None:
        """Say what waits to be said; the tasks end with the hub's."""
        for reporter in self._reporters.values():
            reporter.flush()

    def observe(
        self,
        store: VectorStore,
        *,
        name: str = "default",
        embed: Embedder | None = None,
        rerank: Reranker | None = None,
    ) -> ObservedSearch:
        """Return a search over a store that is observed until the hub stops.

        Args:
            name: of the store, in metrics.

        Raises:
            ValueError: another store has that name.
        """
        return ObservedSearch(store, self.reporter(store.count, name=name), embed=embed, rerank=rerank)

    def reporter(self, count: Callable[[str], Awaitable[int]], *, name: str = "default") -> Reporter:
        """Return what reports on the searches of a store that is no `VectorStore`, such as those of `client.observe`.

        Recall is measured and vectors are counted until the hub stops.

        Args:
            count: gives the number of a collection's vectors.
            name: of the store, in metrics.

        Raises:
            ValueError: another store has that name.
        """
        if name in self._reporters:
            raise ValueError(f"expected a name that no other observed store has, got {name!r}")
        reporter = self._reporters[name] = Reporter(self.push, self._options)
        self._tasks.spawn(watch(reporter, count), f"vector search in {name}")
        return reporter

    def collect(self) -> Iterator[Metric]:
        """Measure what was searched."""
        numbers = {name: reporter.numbers() for name, reporter in self._reporters.items()}
        yield from _of_searches(numbers)
        yield from _of_recall(numbers)
        faults = CounterMetricFamily(
            "tocsin_vector_faults", "Exceptions of the observation, kept from the callers.", labels=["store"]
        )
        for store, of_store in numbers.items():
            faults.add_metric([store], of_store.faults)
        yield faults


def _observing(options: VectorSearchOptions) -> SearchOptions:
    key = options.query_key.get_secret_value().encode()
    return SearchOptions(
        recall=RecallOptions(
            share=options.recall_share,
            min_samples=options.recall_min_samples,
            window=options.recall_window,
            queue=options.recall_queue,
            timeout=options.recall_timeout,
            kinds=options.recall_kinds,
        ),
        query=QueryText(options.query_text, options.query_length, key),
        progress=options.progress,
        latency_window=options.latency_window,
        collections=options.collections,
        count_interval=options.count_interval,
    )


def _of_searches(numbers: Mapping[str, SearchNumbers]) -> Iterator[Metric]:
    labels = ["store", "collection"]
    times = HistogramMetricFamily(
        "tocsin_vector_search_seconds", "Searches that gave results, as their callers waited.", labels=labels
    )
    quantiles = GaugeMetricFamily(
        "tocsin_vector_search_quantile_seconds", "The same, of the newest searches.", labels=[*labels, "quantile"]
    )
    failures = CounterMetricFamily(
        "tocsin_vector_search_failures", "Searches that gave an exception.", labels=[*labels, "status"]
    )
    vectors = GaugeMetricFamily("tocsin_vector_vectors", "Vectors in a collection, as counted last.", labels=labels)
    bounds = [*map(str, BOUNDS), "+Inf"]
    for store, name, collection in _collections(numbers):
        times.add_metric([store, name], list(zip(bounds, collection.buckets, strict=True)), collection.seconds)
        for share, seconds in collection.quantiles.items():
            quantiles.add_metric([store, name, str(share)], seconds)
        failures.add_metric([store, name, "failed"], collection.failed)
        failures.add_metric([store, name, "cancelled"], collection.cancelled)
        if collection.vectors is not None:
            vectors.add_metric([store, name], collection.vectors)
    yield from (times, quantiles, failures, vectors)


def _collections(numbers: Mapping[str, SearchNumbers]) -> Iterator[tuple[str, str, CollectionNumbers]]:
    for store, of_store in numbers.items():
        for name, collection in of_store.collections.items():
            yield store, name, collection


def _of_recall(numbers: Mapping[str, SearchNumbers]) -> Iterator[Metric]:
    samples = CounterMetricFamily(
        "tocsin_vector_recall_samples", "Searches chosen to measure recall, by outcome.", labels=["store", "outcome"]
    )
    labels = ["store", "collection", "ef_search", "top_k", "filtered"]
    recall = GaugeMetricFamily("tocsin_vector_recall", "Measured recall, from 0 to 1.", labels=labels)
    low = GaugeMetricFamily("tocsin_vector_recall_low", "Lower end of its 95 % confidence interval.", labels=labels)
    for store, of_store in numbers.items():
        for outcome, number in sorted(of_store.samples.items()):
            samples.add_metric([store, outcome], number)
        own = {kind: estimate for kind, estimate in of_store.recall.items() if kind.collection in of_store.collections}
        for kind, estimate in own.items():
            recall.add_metric([store, *_labels(kind)], estimate.recall)
            low.add_metric([store, *_labels(kind)], estimate.low)
    yield from (samples, recall, low)


def _labels(kind: Kind) -> list[str]:
    ef_search = "" if kind.ef_search is None else str(kind.ef_search)
    return [kind.collection, ef_search, str(kind.top_k), str(kind.filtered).lower()]
