"""Pictures of every page of the admin UI, before a hub on which `tocsin demo` plays, for people to look at.

Writes build/screenshots/PAGE-WIDTH-THEME.png: 1440 and 390 pixels wide, light and dark. Needs the built admin UI and a
Chromium. Ends with 1 when a page is wider than its window, or when its scripts complain.
"""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, async_playwright

from tests.browser.console_page import CHROMIUM_ARGUMENTS
from tests.needs import find_chromium

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "screenshots"

PAGES = "overview channels channels/vector_search connections database search firewall alerts training analysis memory"

PLAYED = 20.0
"""Seconds that the demo plays before the first picture: the pages have something to show then."""

SETTLED = 2.5
"""Seconds that a page has for its charts."""


async def main() -> int:
    """Start the demo, take the pictures, and end the demo."""
    chromium = find_chromium()
    if chromium is None:
        print("Chromium is absent: apt-get install chromium, or set TOCSIN_CHROMIUM to a Chrome", file=sys.stderr)
        return 1
    command = [sys.executable, "-u", "-m", "hub.cli", "demo", "--forever"]
    demo = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE, cwd=ROOT)
    try:
        hub = await _address_said_by(demo)
        await asyncio.sleep(PLAYED)
        FOLDER.mkdir(parents=True, exist_ok=True)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
            views = [(width, theme) for width in (1440, 390) for theme in ("light", "dark")]
            faults = [fault for width, theme in views for fault in await _shoot(browser, hub, width, theme)]
            await browser.close()
    finally:
        with suppress(ProcessLookupError):
            demo.terminate()
        await demo.communicate()
    print(*faults, f"pictures are in {FOLDER.relative_to(ROOT)}", sep="\n")
    return 1 if faults else 0


async def _address_said_by(demo: asyncio.subprocess.Process) -> str:
    assert demo.stderr is not None
    async for line in demo.stderr:
        if found := re.search(rb"the console is at (http://\S+)/", line):
            return found[1].decode()
    raise RuntimeError("the demo ended before its hub was there")


async def _shoot(browser: Browser, hub: str, width: int, theme: str) -> list[str]:
    scheme: Literal["dark", "light"] = "dark" if theme == "dark" else "light"
    context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-GB")
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    for name in PAGES.split():
        await page.goto(f"{hub}/admin/{name}")
        await asyncio.sleep(SETTLED)
        await page.screenshot(path=FOLDER / f"{name.replace('/', '-')}-{width}-{theme}.png")
        if (content := await page.evaluate("document.documentElement.scrollWidth")) > width:
            faults.append(f"{page.url}: {content} pixels wide in a window of {width}")
    await context.close()
    return faults


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
