"""Observed vector searches on the hub."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families

from channels.messages import SearchCompleted, parse_message
from integrations.vector_search.model import Point
from integrations.vector_search.query_text import QueryText
from tests.live import Client, LiveHub, running, settings_for, until
from tests.vector_searches import MemoryStore

MEASURED = {"vector_search__recall_share": 1.0, "vector_search__recall_min_samples": 2}
LABELS = ("store", "collection", "ef_search", "top_k", "filtered", "status", "outcome", "quantile", "le")


async def filled() -> MemoryStore:
    store = MemoryStore()
    await store.upsert("docs", [Point(n, [1.0, n / 10]) for n in range(4)])
    return store


def samples(live: LiveHub) -> dict[tuple[str, str], float]:
    """What /metrics has of vector searches, by name and labels."""
    text = live.hub.metrics.expose().decode()
    return {
        (sample.name, ",".join(sample.labels[label] for label in LABELS if label in sample.labels)): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("tocsin_vector_")
    }


async def listening(live: LiveHub, client: Client) -> None:
    await client.ask(action="subscribe", channel="vector_search")


async def test_a_search_reaches_who_listens() -> None:
    """Its stages and its end, over a real socket, in their order."""
    async with running(settings_for()) as live, live.client() as client:
        await listening(live, client)
        search = live.hub.adapters.vector_search.observe(await filled())
        found = await search.search_vectors("docs", [1.0, 0.0], top_k=2)
        heard = [await client.receive() for _ in range(3)]
    assert [(message["type"], message["data"].get("status")) for message in heard] == [
        ("search_progress", "searching"),
        ("search_progress", "completed"),
        ("search_completed", None),
    ]
    completed = parse_message("search_completed", heard[2]["data"])
    assert isinstance(completed, SearchCompleted)
    assert (completed.results_count, completed.ef_search, completed.recall_estimated) == (len(found.hits), 100, None)


async def test_options_reach_the_search() -> None:
    """No progress, and of a text only a hash by the key that is configured."""
    options = {"progress": False, "query_text": "hash", "query_key": "k"}
    settings = settings_for(**{f"vector_search__{name}": value for name, value in options.items()})
    async with running(settings) as live, live.client() as client:
        await listening(live, client)
        search = live.hub.adapters.vector_search.observe(await filled(), embed=lambda _text: [1.0, 0.0])
        await search.search_vectors("docs", "a question")
        heard = await client.receive()
    assert heard["type"] == "search_completed"
    assert heard["data"]["query"] == QueryText("hash", key=b"k").shown("a question")


async def test_metrics_of_searches() -> None:
    """Times, failures, vectors, samples and the measured recall: half is overlooked here."""
    async with running(settings_for(**MEASURED)) as live:
        store = await filled()
        store.overlooked = {0, 1}
        search = live.hub.adapters.vector_search.observe(store, name="memory")
        for _ in range(3):
            await search.search_vectors("docs", [1.0, 0.0], top_k=4)
        store.error = ConnectionError()
        with pytest.raises(ConnectionError):
            await search.search_vectors("docs", [1.0, 0.0])
        store.error = None
        await search.reporter.sampler.settled()
        await until(lambda: ("tocsin_vector_vectors", "memory,docs") in samples(live))
        seen = samples(live)
    assert seen["tocsin_vector_search_seconds_count", "memory,docs"] == 3
    assert seen["tocsin_vector_search_seconds_bucket", "memory,docs,+Inf"] == 3
    assert seen["tocsin_vector_search_seconds_sum", "memory,docs"] > 0
    assert seen["tocsin_vector_search_quantile_seconds", "memory,docs,0.99"] > 0
    assert seen["tocsin_vector_search_failures_total", "memory,docs,failed"] == 1
    assert seen["tocsin_vector_search_failures_total", "memory,docs,cancelled"] == 0
    assert seen["tocsin_vector_vectors", "memory,docs"] == 4
    assert seen["tocsin_vector_recall_samples_total", "memory,counted"] == 3
    assert seen["tocsin_vector_recall", "memory,docs,100,5,false"] == 0.5
    assert 0 < seen["tocsin_vector_recall_low", "memory,docs,100,5,false"] < 0.5
    assert seen["tocsin_vector_faults_total", "memory"] == 0


async def test_collections_whose_names_are_nobodys_business() -> None:
    """Without numbers of their own they are in no label."""
    async with running(settings_for(vector_search__collections=0, **MEASURED)) as live:
        search = live.hub.adapters.vector_search.observe(await filled())
        for _ in range(3):
            await search.search_vectors("docs", [1.0, 0.0])
        await search.reporter.sampler.settled()
        assert len(search.numbers().recall) == 1
        seen = samples(live)
    assert seen["tocsin_vector_search_seconds_count", "default,(others)"] == 3
    assert "docs" not in str(seen)


async def test_stores_have_names_of_their_own() -> None:
    """Two with the same collections are two; two with one name would be mixed up."""
    async with running(settings_for()) as live:
        adapter = live.hub.adapters.vector_search
        for name in ("one", "two"):
            await adapter.observe(await filled(), name=name).search_vectors("docs", [1.0, 0.0])
        with pytest.raises(ValueError, match="no other observed store has, got 'one'"):
            adapter.observe(await filled(), name="one")
        counts = {labels: value for (name, labels), value in samples(live).items() if name.endswith("seconds_count")}
    assert counts == {"one,docs": 1, "two,docs": 1}


async def test_a_hub_that_observes_nothing_runs_nothing() -> None:
    """No task, no series; what is observed ends with the hub, and the search goes on without it."""
    async with running(settings_for()) as live:
        before = len(live.hub.tasks)
        assert samples(live) == {}
        search = live.hub.adapters.vector_search.observe(await filled())
        assert len(live.hub.tasks) == before + 1
    assert len(live.hub.tasks) == 0
    assert len((await search.search_vectors("docs", [1.0, 0.0])).hits) == 4


def test_a_hub_loads_no_client_of_a_database_that_it_does_not_use() -> None:
    """They are large."""
    code = "import sys, hub.adapters.vector_search; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert not re.search(r"\b(qdrant_client|openai|numpy)\b", run.stdout)
