"""What the browser tests stand on: one Chromium for all of them, and hubs on the event loop that it lives on.

A test has a profile of its own in it: storage, cookies and cache. To start a browser for each would take as long as the
tests themselves.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser as Chromium

from tests.browser.chromium import launched
from tests.browser.js_page import LONG, Browser, Gate, browsing, gated
from tests.live import LiveHub, running, settings_for

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have every test of this folder run on the loop of the browser."""
    for item in items:
        if item.path.is_relative_to(_HERE) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def chromium(chromium_path: Path) -> AsyncIterator[Chromium]:
    """The browser."""
    async with launched(chromium_path) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def hub() -> AsyncIterator[LiveHub]:
    """An open hub on a free loopback port."""
    async with running(settings_for()) as live:
        yield live


@pytest_asyncio.fixture(loop_scope="session")
async def live() -> AsyncIterator[LiveHub]:
    """A hub with a long history."""
    async with running(settings_for(**LONG)) as live:
        yield live


@pytest_asyncio.fixture(loop_scope="session")
async def gate(live: LiveHub) -> AsyncIterator[Gate]:
    """What stands between the browser and the hub."""
    async with gated(live) as gate:
        yield gate


@pytest_asyncio.fixture(loop_scope="session")
async def browser(gate: Gate, chromium: Chromium) -> AsyncIterator[Browser]:
    """A profile before the gate."""
    async with browsing(chromium, gate.url) as browser:
        yield browser
