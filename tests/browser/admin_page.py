"""The admin UI as an operator meets it: a browser page before a real hub."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Error, Locator, Page, expect

from hub.http.admin import FOLDER
from tests.architecture.tree import ROOT
from tests.needs import is_absent

_AXE = ROOT / "admin_ui" / "node_modules" / "axe-core" / "axe.min.js"

_CHECK = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter(({ impact }) => impact === "serious" || impact === "critical")
  .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`))"""


@cache
def _axe() -> str:
    return _AXE.read_text(encoding="utf-8")


class AdminPage:
    """A page of the admin UI. Faults of its scripts are collected; `admin` fails the test for them."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.faults: list[str] = []
        self.console: list[str] = []
        page.on("pageerror", self._failed)
        page.on("console", self._logged)

    async def open(self, path: str = "overview", *, live: bool = True) -> None:
        """Go to a page and, unless told otherwise, wait until it is live."""
        await self.page.goto(f"{self.url}/admin/{path}")
        if live:
            await self.is_live()

    async def is_live(self, timeout: float = 20.0) -> None:
        """Wait until the page says that it is connected."""
        await expect(self.page.get_by_test_id("link")).to_have_attribute(
            "data-state", "connected", timeout=timeout * 1000
        )

    def text(self, text: str) -> Locator:
        """What shows a text."""
        return self.page.get_by_text(text)

    def panel(self, title: str) -> Locator:
        """The panel with a heading."""
        return self.page.locator("section", has=self.page.get_by_role("heading", name=title))

    async def post(self, path: str, data: Any) -> Any:
        """Ask the hub from outside of the page."""
        response = await self.page.request.post(f"{self.url}{path}", data=data)
        assert response.ok, await response.text()
        return await response.json()

    async def get(self, path: str) -> Any:
        """Read from the hub from outside of the page."""
        response = await self.page.request.get(f"{self.url}{path}")
        assert response.ok, await response.text()
        return await response.json()

    async def fits(self) -> None:
        """Expect the page to be no wider than its window."""
        content, window = await self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert content <= window, f"{self.page.url} is {content} pixels wide in a window of {window}"

    async def is_accessible(self) -> None:
        """Expect axe to find nothing serious."""
        await self.page.evaluate(_axe())
        findings: list[str] = await self.page.evaluate(_CHECK)
        assert not findings, f"{self.page.url}:\n" + "\n".join(findings)

    def _failed(self, error: Error) -> None:
        self.faults.append(str(error))

    def _logged(self, message: ConsoleMessage) -> None:
        self.console.append(message.text)
        # What the network refuses is logged by the browser itself; everything else that is red is a fault of the page.
        by_browser = ("Failed to load resource", "WebSocket connection to")
        if message.type == "error" and not message.text.startswith(by_browser):
            self.faults.append(message.text)


@asynccontextmanager
async def admin(
    url: str, chromium: Browser, size: tuple[int, int] = (1440, 900), *, token: str = "", **options: Any
) -> AsyncIterator[AdminPage]:
    """A browser before the admin UI of the hub at `url`, not opened yet. Whatever the test does, the page has no fault.

    Args:
        token: that the tab is signed in with.
        options: of the browser's context, such as `color_scheme="dark"` and `locale="ru-RU"`.
    """
    if not (FOLDER / "index.html").is_file():
        is_absent("the built admin UI", "make admin")
    # Without motion: what fades in has little contrast for a moment.
    viewport = {"width": size[0], "height": size[1]}
    usual = {"viewport": viewport, "locale": "en-GB", "reduced_motion": "reduce"}
    async with await chromium.new_context(**{**usual, **options}) as context:
        if token:
            kept = "sessionStorage.getItem('tocsin.token')"
            await context.add_init_script(f"sessionStorage.setItem('tocsin.token', {kept} ?? '{token}')")
        page = AdminPage(await context.new_page(), url.rstrip("/"))
        yield page
    assert page.faults == []
