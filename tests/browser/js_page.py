"""Pages with the JavaScript client in a real browser, and a gate between them and the hub."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, Error, Page, Route

from tests.js_client import PACKAGE, built
from tests.live import LiveHub
from tests.proxy import Proxy

CHANNEL = "ai_analysis"

LONG: dict[str, Any] = {"channels__named": {CHANNEL: {"history_size": 5000}}}


class Gate(Proxy):
    """A proxy that can refuse everyone."""

    shut = False

    async def link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.shut:
            self.links += 1
            writer.close()
            await writer.wait_closed()
            return
        await super().link(reader, writer)


class Tab:
    """One page with the client."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", self._failed)

    def _failed(self, error: Error) -> None:
        self.faults.append(str(error))

    async def seen(self, what: str) -> list[Any]:
        """What has happened: `data`, `gaps`, `states` or `errors`."""
        found: list[Any] = await self.page.evaluate(f"seen.{what}")
        return found

    async def until(self, condition: str, timeout: float = 20_000) -> None:
        """Wait until an expression in the page holds."""
        await self.page.wait_for_function(condition, timeout=timeout)

    async def states(self) -> list[str]:
        return [change["state"] for change in await self.seen("states")]


class Browser:
    """A browser at one address, whose pages load the client as it was built."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.tabs: list[Tab] = []

    async def tab(self, script: str = "page.mjs", **settings: Any) -> Tab:
        """Open a page, and connect."""
        page = await self.context.new_page()
        tab = Tab(page)
        self.tabs.append(tab)
        await page.goto(f"{self.url}/client/{script}.html")
        if settings:
            await page.wait_for_function("!!globalThis.start")
            await page.evaluate("start", {"channel": CHANNEL, **settings})
            await tab.until("sub.state === 'live'")
        return tab

    async def serve(self, route: Route) -> None:
        """Answer for what is under /client/."""
        name = route.request.url.split("?")[0].rpartition("/")[2]
        if name.endswith(".html"):
            script = f'<script type="module" src="/client/{name.removesuffix(".html")}"></script>'
            await route.fulfill(body=f'<!doctype html><div id="root"></div>{script}', content_type="text/html")
            return
        places = (PACKAGE / "dist" / "browser", PACKAGE / "test" / "live", self._bundles)
        found = next(place / name for place in places if (place / name).exists())
        await route.fulfill(path=found, content_type="text/javascript")

    _bundles = PACKAGE


@asynccontextmanager
async def browsing(chromium: Chromium, url: str, bundles: Path = PACKAGE) -> AsyncIterator[Browser]:
    """Open a profile of its own; whatever the test did, no page had a fault."""
    built()
    async with await chromium.new_context() as context:
        browser = Browser(context, url)
        browser._bundles = bundles
        await context.route("**/client/**", browser.serve)
        yield browser
    assert [fault for tab in browser.tabs for fault in tab.faults] == []


@asynccontextmanager
async def gated(live: LiveHub) -> AsyncIterator[Gate]:
    """Run a gate before a hub."""
    gate = Gate(live.port)
    server = await asyncio.start_server(gate.link, "127.0.0.1", 0)
    gate.port = server.sockets[0].getsockname()[1]
    try:
        yield gate
    finally:
        server.close()
        await gate.close()
