"""The React hook of the JavaScript client, with real React in a real browser against a real hub."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from hub.closing import CloseCode
from tests.browser.js_page import CHANNEL, LONG, browsing
from tests.js_client import built
from tests.live import LiveHub, running, settings_for, until


@pytest_asyncio.fixture(loop_scope="session")
async def live() -> AsyncIterator[LiveHub]:
    """A hub with a long history."""
    async with running(settings_for(**LONG)) as live:
        yield live


@pytest.fixture
def bundles(tmp_path: Path) -> Path:
    """The page with React in one file."""
    folder = built()
    command = ["node_modules/.bin/esbuild", "test/live/react-page.mjs", "--bundle", "--format=esm", "--log-level=error"]
    more = ['--define:process.env.NODE_ENV="development"', f"--outfile={tmp_path / 'react.js'}"]
    subprocess.run([*command, *more], cwd=folder, check=True, timeout=60)
    return tmp_path


async def test_the_hook_shows_a_channel(live: LiveHub, chromium: Chromium, bundles: Path) -> None:
    """In strict mode: one subscription, the newest messages, the same object while nothing changes, and gaps."""
    async with browsing(chromium, live.url, bundles) as browser:
        tab = await browser.tab("react.js")
        shown = tab.page.locator
        await expect(shown("#state")).to_have_text("live")
        await expect(shown("#hub")).to_have_text("connected")
        assert live.hub.engine.registry.count(CHANNEL) == 1
        for number in range(8):
            await live.publish(CHANNEL, "tick", number)
        await expect(shown("#messages")).to_have_text("[3,4,5,6,7]")
        await expect(shown("#last")).to_have_text("7")
        results = await tab.page.evaluate("results")
        renderings = await tab.page.evaluate("renderings")
        for _ in range(3):
            await shown("#again").click()
        await expect(shown("#again")).to_have_text("rendered 3 times more")
        assert await tab.page.evaluate("results") == results
        assert await tab.page.evaluate("renderings") > renderings
        await live.hub.broker.forget(CHANNEL)
        for connection in live.hub.connections:
            connection.close(CloseCode.DISCONNECTED, "come back")
        await expect(shown("#gaps")).to_have_text("unrecovered")


async def test_the_hook_follows_its_channel(live: LiveHub, chromium: Chromium, bundles: Path) -> None:
    """Another channel is another list; a component that goes leaves its channel; a refusal is shown."""
    async with browsing(chromium, live.url, bundles) as browser:
        tab = await browser.tab("react.js")
        shown = tab.page.locator
        await expect(shown("#state")).to_have_text("live")
        await live.publish(CHANNEL, "tick", 1)
        await expect(shown("#messages")).to_have_text("[1]")
        await shown("#other").click()
        await expect(shown("#messages")).to_have_text("[]")
        await expect(shown("#state")).to_have_text("live")
        await until(lambda: not live.hub.engine.registry.count(CHANNEL))
        await live.publish("system_alerts", "note", 2)
        await expect(shown("#last")).to_have_text("2")
        await shown("#toggle").click()
        await until(lambda: not live.hub.engine.registry.count("system_alerts"))
        await shown("#toggle").click()
        await shown("#bad").click()
        await expect(shown("#error")).to_have_text("unknown_channel")
        await expect(shown("#state")).to_have_text("closed")
