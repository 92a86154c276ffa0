"""The page to try the API, in a real browser against a real hub."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from hub.http.api.table import ENDPOINTS
from tests.live import LiveHub


class Visit:
    """One page, what it asked for, and what it complained of."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.faults: list[str] = []
        self.requested: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda line: self.faults.append(line.text) if line.type in ("error", "warning") else None)
        page.on("request", lambda request: self.requested.append(request.url))


@pytest_asyncio.fixture(loop_scope="session")
async def visit(hub: LiveHub, chromium: Browser) -> AsyncIterator[Visit]:
    """A page, not opened yet. Afterwards it had no fault, broke no policy, and loaded from the hub alone."""
    async with await chromium.new_page(viewport={"width": 1280, "height": 1000}) as page:
        visit = Visit(page, hub.url)
        yield visit
    assert visit.faults == []
    assert [url for url in visit.requested if not url.startswith((hub.url, "data:"))] == []


async def test_it_shows_every_endpoint(visit: Visit) -> None:
    """Those of the document, and their descriptions."""
    await visit.page.goto(f"{visit.url}/api/docs")
    await expect(visit.page.locator(".opblock")).to_have_count(len(ENDPOINTS))
    await expect(visit.page.locator(".opblock-summary-path").first).to_have_text("/api/publish")


async def test_a_link_leads_to_an_endpoint_that_can_be_tried(hub: LiveHub, visit: Visit) -> None:
    """The body that it suggests is published as it stands."""
    await visit.page.goto(f"{visit.url}/api/docs#/publish/publish")
    await expect(visit.page.locator(".opblock.is-open textarea")).to_contain_text("system_alerts")
    await visit.page.locator("button.execute").click()
    await expect(visit.page.locator(".live-responses-table .response .response-col_status")).to_contain_text("200")
    history = await hub.hub.engine.history("system_alerts", None, None, 10)
    assert [publication.type for publication in history.publications] == ["note"]
