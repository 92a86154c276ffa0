"""What the browser tests of the JavaScript client stand on: a hub, a gate that can be shut, and a browser before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.browser.js_page import LONG, Browser, Gate, browsing, gated
from tests.live import LiveHub, running, settings_for


@pytest.fixture
async def live() -> AsyncIterator[LiveHub]:
    """A hub with a long history."""
    async with running(settings_for(**LONG)) as live:
        yield live


@pytest.fixture
async def gate(live: LiveHub) -> AsyncIterator[Gate]:
    """What stands between the browser and the hub."""
    async with gated(live) as gate:
        yield gate


@pytest.fixture
async def browser(gate: Gate, chromium_path: Path) -> AsyncIterator[Browser]:
    """A browser before the gate."""
    async with browsing(chromium_path, gate.url) as browser:
        yield browser
