"""The JavaScript client in a real browser, against a real hub: cuts, tokens and waking."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Browser as Chromium

from tests.browser.js_page import CHANNEL, Browser, Gate, Tab, browsing
from tests.integration.test_auth import lasting
from tests.live import LiveHub, running, with_keys


@pytest.mark.parametrize("transport", ["", "sse"])
async def test_cuts_lose_and_repeat_nothing(live: LiveHub, gate: Gate, browser: Browser, transport: str) -> None:
    """Over a WebSocket, and over an event stream."""
    tab = await browser.tab(transport=transport)
    for number in range(100):
        await live.publish(CHANNEL, "tick", number)
        if number % 20 == 10:
            gate.cut()
        await asyncio.sleep(0.005)
    await tab.until("seen.data.length >= 100")
    assert await tab.seen("data") == list(range(100))
    assert await tab.seen("gaps") == []
    assert "reconnecting" in await tab.states()


async def test_the_token_goes_as_a_subprotocol(chromium: Chromium) -> None:
    """A browser can't set a header; the URL stays free of it."""
    async with running(with_keys()) as live, browsing(chromium, live.url) as browser:
        urls: list[str] = []
        browser.context.on("page", lambda page: page.on("websocket", lambda socket: urls.append(socket.url)))
        tab = await browser.tab(token=lasting(600.0))
        assert await tab.states() == ["connected"]
        assert [url.rpartition("/")[2] for url in urls] == ["ws?channels="]
        [connection] = live.hub.connections
        assert connection.principal.user == "alice"


async def _waiting_long(tab: Tab, gate: Gate) -> float:
    """Cut the page off until it waits 8 s for its next attempt; return the time in which it may be back sooner."""
    gate.shut = True
    gate.cut()
    await tab.until("seen.states.at(-1).retryIn > 7000", 45_000)
    gate.shut = False
    return 4.0


async def _goes_online(browser: Browser, _: Tab) -> None:
    await browser.context.set_offline(False)


async def _is_looked_at(_: Browser, tab: Tab) -> None:
    await tab.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.mark.parametrize("wake", [_goes_online, _is_looked_at])
async def test_waking_ends_the_pause(
    live: LiveHub, gate: Gate, browser: Browser, wake: Callable[[Browser, Tab], Any]
) -> None:
    """The network is back, or somebody looks: it connects at once, and has what it missed."""
    # No draw is that high: the first pause is as long as the fifth may be, and that one would have to be waited for.
    await browser.context.add_init_script("Math.random = () => 16")
    tab = await browser.tab(transport="")
    if wake is _goes_online:
        await browser.context.set_offline(True)
    most = await _waiting_long(tab, gate)
    assert (await tab.states())[-1] == ("offline" if wake is _goes_online else "reconnecting")
    await live.publish(CHANNEL, "tick", 1)
    begin = time.monotonic()
    await wake(browser, tab)
    await tab.until("seen.data.length === 1")
    assert time.monotonic() - begin < most


async def test_waking_finds_a_dead_link(live: LiveHub, gate: Gate, browser: Browser) -> None:
    """Half a minute earlier than without: the link is checked when somebody looks."""
    tab = await browser.tab(transport="")
    gate.hold()
    await live.publish(CHANNEL, "tick", 1)
    await _is_looked_at(browser, tab)
    await tab.until("seen.states.some(({ state }) => state === 'reconnecting')", timeout=15_000)
    gate.pass_on()
    await tab.until("seen.data.length === 1")
