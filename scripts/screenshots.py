"""Pictures of every page of the admin UI, for people to look at: before a hub on which `tocsin demo` plays, and before
one with agents, where somebody has asked something.

Writes build/screenshots/PAGE-WIDTH-THEME.png: 1440 and 390 pixels wide, light and dark. Needs the built admin UI and a
Chromium. Ends with 1 when a page is wider than its window, or when its scripts complain.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.async_api import Browser, expect

from tests.browser.chromium import launched
from tests.needs import find_chromium

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "screenshots"

PAGES = "overview channels channels/vector_search connections database search firewall alerts training analysis memory"

CHAT = ("chat", "chat/new", "agents", "agents/new")
"""Pages of the hub with agents, beside the conversation and its agent."""

SAID = (
    "@researcher The deploy server is called heron-7, and its backups go to owl-2 every night at three.",
    "@researcher Where do the backups of heron-7 go?",
)

PLAYED = 20.0
"""Seconds that the demo plays before the first picture: the pages have something to show then."""

VIEWS = [(width, theme) for width in (1440, 390) for theme in ("light", "dark")]

SETTLED = 2.5
"""Seconds that a page has for its charts."""


async def main() -> int:
    """Start the demo, take the pictures, and end the demo."""
    chromium = find_chromium()
    if chromium is None:
        print("Chromium is absent: apt-get install chromium, or set TOCSIN_CHROMIUM to a Chrome", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    async with launched(chromium) as browser:
        async with _hub("demo", "--forever") as hub:
            await asyncio.sleep(PLAYED)
            for width, theme in VIEWS:
                faults += await _shoot(browser, hub, PAGES.split(), width, theme)
        async with _agents() as hub:
            account, pages = await _asked(browser, hub)
            for width, theme in VIEWS:
                faults += await _shoot(browser, hub, pages, width, theme, account)
    print(*faults, f"pictures are in {FOLDER.relative_to(ROOT)}", sep="\n")
    return 1 if faults else 0


@asynccontextmanager
async def _hub(*command: str, **environment: str) -> AsyncIterator[str]:
    """Run a command that starts a hub; give the hub's address."""
    hub = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-m", "hub.cli", *command),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    reading = asyncio.create_task(_read(hub, address))
    try:
        yield await address
    finally:
        with suppress(ProcessLookupError):
            hub.terminate()
        await reading
        await hub.wait()


@asynccontextmanager
async def _agents() -> AsyncIterator[str]:
    """Run a hub with agents, all of whose files are in a temporary folder."""
    with TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)  # noqa: S103 - as root the hub runs PostgreSQL as another user, who has to get in
        state = {"XDG_STATE_HOME": folder, "TOCSIN_AGENTS__ENABLED": "true"}
        async with _hub("serve", "--port", "0", **state) as hub:
            yield hub


async def _read(hub: asyncio.subprocess.Process, address: asyncio.Future[str]) -> None:
    """Read all that a hub says, so that it never waits for a reader; tell its address."""
    assert hub.stdout is not None
    async for line in hub.stdout:
        found = re.search(rb"(?:the console is at|listening on) (http://[\d.]+:\d+)", line)
        if found and not address.done():
            address.set_result(found[1].decode())
    if not address.done():
        address.set_exception(RuntimeError("the command ended before its hub was there"))


async def _asked(browser: Browser, hub: str) -> tuple[str, list[str]]:
    """Make an account with agents, and ask; return what the browser keeps of it, and the pages to look at."""
    page = await browser.new_page()
    await page.goto(f"{hub}/admin/chat")
    await page.get_by_text("Create account").first.click()
    await page.get_by_label("E-mail").fill("ada@example.org")
    await page.get_by_label("Password", exact=True).fill("correct horse battery staple")
    await page.get_by_role("button", name="Create account").click()
    await page.get_by_role("button", name="Add a starter team").click()
    for count, said in enumerate(SAID, start=1):
        await page.get_by_label("Message", exact=True).fill(said)
        await page.keyboard.press("Enter")
        answers = page.locator("article[data-status][aria-busy=false]")
        await expect(answers).to_have_count(count, timeout=30_000)
    talk = page.url.partition("/admin/")[2]
    await page.goto(f"{hub}/admin/agents")
    await page.get_by_role("link", name="researcher").first.click()
    agent = page.url.partition("/admin/")[2]
    account: str = await page.evaluate("localStorage.getItem('tocsin.account')")
    await page.context.close()
    return account, [*CHAT, talk, agent, f"{agent}?tab=memory"]


async def _shoot(
    browser: Browser, hub: str, pages: Iterable[str], width: int, theme: str, account: str = ""
) -> list[str]:
    scheme: Literal["dark", "light"] = "dark" if theme == "dark" else "light"
    context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-GB")
    if account:
        await context.add_init_script(f"localStorage.setItem('tocsin.account', {json.dumps(account)})")
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    for name in pages:
        await page.goto(f"{hub}/admin/{name}")
        await asyncio.sleep(SETTLED)
        await page.screenshot(path=FOLDER / f"{_file(name)}-{width}-{theme}.png")
        if (content := await page.evaluate("document.documentElement.scrollWidth")) > width:
            faults.append(f"{page.url}: {content} pixels wide in a window of {width}")
    await context.close()
    return faults


def _file(page: str) -> str:
    """Name a page's pictures: an id is no name."""
    return re.sub(r"[0-9a-f-]{36}", "one", page).replace("/", "-").replace("?tab=", "-")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
