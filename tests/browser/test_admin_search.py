"""The page of vector searches: real searches on pgvector and Qdrant, their figures, and a restart."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import asyncpg
from playwright.async_api import Browser, expect
from qdrant_client import AsyncQdrantClient

from integrations.vector_search.model import Found, Point
from integrations.vector_search.pgvector import PgVectorStore
from integrations.vector_search.qdrant import QdrantStore
from integrations.vector_search.store import VectorStore
from tests.browser.admin_page import AdminPage, admin
from tests.live import LiveHub, running, settings_for, until
from tests.postgres_server import database, postgres

__all__ = ["database", "postgres"]

HOSTILE = "<img src=x onerror=alert(1)>"
MEASURED = {"recall_share": 1.0, "recall_min_samples": 5, "recall_queue": 100}
SETTINGS = {f"vector_search__{name}": value for name, value in MEASURED.items()}
DIMENSIONS = 8
SEARCHES = 5


def _vector(seed: int) -> list[float]:
    rng = random.Random(seed)
    return [rng.gauss(0, 1) for _ in range(DIMENSIONS)]


async def _fill(store: VectorStore, collection: str) -> None:
    await store.create(collection, DIMENSIONS)
    await store.upsert(collection, [Point(number, _vector(number), {}) for number in range(1, 41)])


@asynccontextmanager
async def _stores(database: str) -> AsyncIterator[tuple[PgVectorStore, QdrantStore]]:
    client = AsyncQdrantClient(":memory:")
    async with asyncpg.create_pool(database, min_size=1, max_size=3) as pool:
        indexed, exact = PgVectorStore(pool), QdrantStore(client)
        await _fill(indexed, "docs")
        await _fill(exact, "notes")
        yield indexed, exact
    await client.close()


async def _said(page: AdminPage, type: str) -> list[dict[str, Any]]:
    history = await page.get("/api/channels/vector_search/history?limit=1000")
    return [item["data"] for item in history["publications"] if item["type"] == type]


def _ms(value: float) -> str:
    """Three digits that count, as people round."""
    scaled, unit = (1000 * value, "µs") if value < 1 else (value, "ms") if value < 1000 else (value / 1000, "s")
    exact = Decimal(repr(scaled))
    return f"{exact.quantize(Decimal(1).scaleb(exact.adjusted() - 2), ROUND_HALF_UP).normalize():f} {unit}"


def _rank(times: list[float], share: float) -> float:
    return sorted(times)[math.ceil(share * len(times)) - 1]


async def _tile(page: AdminPage, label: str) -> str:
    tile = page.page.locator("dl > div", has=page.page.locator("dt", has_text=label)).first
    return " ".join((await tile.locator("dd").inner_text()).split())


async def _shows(page: AdminPage, said: list[dict[str, Any]], failed: str) -> None:
    """The figures on the page are those of the hub's messages."""
    times = [data["search_time_ms"] for data in said]
    of = f"of {len(times)} searches"
    tile = page.page.locator("dl > div", has_text="Completed").first
    await expect(tile.locator("dd > span").first).to_have_text(str(len(said)))
    for share, label in ((0.5, "P50"), (0.95, "P95"), (0.99, "P99")):
        assert await _tile(page, label) == f"{_ms(_rank(times, share))} {of}"
    assert (await _tile(page, "Failed")).startswith(failed)


async def _search(
    live: LiveHub, indexed: PgVectorStore, exact: QdrantStore
) -> tuple[asyncio.Event, asyncio.Task[Found]]:
    """Search in all ways; the last search waits until the event is set."""
    free = asyncio.Event()

    async def embed(text: str) -> list[float]:
        if text == "slow":
            await free.wait()
        return _vector(len(text))

    docs = live.hub.adapters.vector_search.observe(indexed, name="pgvector", embed=embed)
    notes = live.hub.adapters.vector_search.observe(exact, name="qdrant", embed=embed)
    for number in range(SEARCHES):
        await docs.search_vectors("docs", _vector(1_000 + number), top_k=5)
    await until(lambda: docs.numbers().samples["counted"] == SEARCHES)
    await docs.search_vectors("docs", HOSTILE, top_k=5)
    for number in range(3):
        await notes.search_vectors("notes", _vector(number), top_k=2)
    with suppress(Exception):
        await docs.search_vectors("nowhere", _vector(1), top_k=5)
    cancelled = asyncio.create_task(docs.search_vectors("docs", "slow"), name="given up")
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    return free, asyncio.create_task(docs.search_vectors("docs", "slow"), name="slow")


async def test_searches_are_seen(database: str, chromium: Browser) -> None:
    """Times, measured recall, exact and failed searches, one under way, by collection; and after a restart."""
    async with (
        _stores(database) as (indexed, exact),
        running(settings_for(**SETTINGS)) as live,
        admin(live.url, chromium) as page,
    ):
        await page.open("search")
        await expect(page.text("No search has reported yet")).to_be_visible()
        free, slow = await _search(live, indexed, exact)
        await expect(page.panel("Under way").get_by_role("listitem")).to_contain_text("Embedding")
        free.set()
        await slow
        await expect(page.panel("Under way")).to_contain_text("No search is under way")
        said = await _said(page, "search_completed")
        await _shows(page, said, "1 8.3%, 1 cancelled")

        estimate = next(data for data in reversed(said) if data["recall_estimated"] is not None)
        recall = page.panel("Recall").get_by_role("listitem")
        await expect(recall).to_have_count(2)
        shown = recall.filter(has_text=f"top_k {estimate['top_k']}")
        await expect(shown).to_contain_text(f"{100 * estimate['recall_estimated']:.3g}%")
        await expect(shown).to_contain_text(f"{estimate['recall_samples']} samples")
        unmeasured = next(data for data in said if data["exact_reason"] is not None)
        exactly = page.panel("Exact searches").get_by_role("listitem")
        await expect(exactly).to_contain_text(f"{unmeasured['exact_reason']}3")
        (failure, given_up) = await _said(page, "search_failed")
        endings = page.panel("Failed and cancelled")
        await expect(endings).to_contain_text(failure["reason"])
        await expect(endings).to_contain_text(given_up["reason"])
        slowest = page.panel("Slowest searches").locator("tbody tr.ant-table-row")
        await expect(slowest.first).to_contain_text(_ms(max(data["search_time_ms"] for data in said)))
        await expect(slowest.filter(has_text=HOSTILE)).to_have_count(1)
        assert await page.page.locator("main img").count() == 0
        await page.is_accessible()

        await page.page.get_by_label("Collection").first.click()
        await page.page.get_by_title("notes").click()
        await _shows(page, [data for data in said if data["collection"] == "notes"], "0")
        assert await _tile(page, "Recall") == "– not measured yet"

        await live.server.stop()
        await expect(page.page.get_by_test_id("link")).not_to_have_attribute("data-state", "connected")
        async with running(settings_for(server__port=live.port)) as again:
            await page.is_live()
            await again.hub.adapters.vector_search.observe(exact).search_vectors("notes", _vector(9), top_k=2)
            await expect(page.page.locator("dl > div", has_text="Completed").first).to_contain_text("4")
