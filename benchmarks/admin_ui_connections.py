"""The list of connections in the admin UI while many are open: a part of `python -m benchmarks.admin_ui`.

Times are what somebody waits: from the keystroke or the click until the rows are there, as Chromium and the hub share
the machine. `request` is one `GET /api/connections` as the page makes it, without the page.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from typing import Final

import aiohttp
from playwright.async_api import Page

from benchmarks.table import Column, render

ROW: Final = "tbody tr[data-row-key]"

_REQUESTS: Final = 20

_TURNED: Final = "key => document.querySelector('tbody tr[data-row-key]')?.dataset.rowKey !== key"


async def look(page: Page, url: str, last: str) -> list[str]:
    """Open the list, turn to its second page, and search for one connection.

    Args:
        last: a client id that is in the list once, and not on its first two pages.

    Returns:
        A row for `table`.
    """
    began = time.monotonic()
    await page.goto(f"{url}/admin/connections")
    first = page.locator(ROW).first
    await first.wait_for(timeout=60_000)
    opened = time.monotonic() - began
    key = await first.get_attribute("data-row-key")
    nodes: int = await page.evaluate("document.querySelectorAll('*').length")

    began = time.monotonic()
    await page.get_by_title("2", exact=True).click()
    await page.wait_for_function(_TURNED, arg=key, polling="raf")
    turned = time.monotonic() - began

    began = time.monotonic()
    await page.locator("input[data-search], [data-search] input").fill(last)
    await page.locator(ROW, has_text=last).wait_for()
    found = time.monotonic() - began
    return row(opened, turned, found, nodes, await requests(url))


async def requests(url: str) -> Sequence[float]:
    """Return how many seconds a page of the list takes, again and again."""
    took = []
    async with aiohttp.ClientSession() as session:
        for _ in range(_REQUESTS):
            began = time.monotonic()
            async with session.get(f"{url}/api/connections?sort=queued_bytes&limit=50") as response:
                response.raise_for_status()
                await response.read()
            took.append(time.monotonic() - began)
    return took


def row(opened: float, turned: float, found: float, nodes: int, took: Sequence[float]) -> list[str]:
    """What is printed, of seconds: the median of the requests in milliseconds."""
    waited = [f"{seconds * 1000:,.0f} ms" for seconds in (turned, found)]
    return [f"{opened:.1f} s", *waited, f"{nodes:,}", f"{statistics.median(took) * 1000:.1f} ms"]


def table(rows: Sequence[list[str]]) -> str:
    """Put rows of `look` under their headings."""
    return render([*map(Column, ["first rows", "page turned", "found", "DOM nodes", "request"])], rows)
