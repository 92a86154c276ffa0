"""Tabs that share one connection, in a real browser against a real hub."""

from __future__ import annotations

import asyncio

from tests.browser.js_page import CHANNEL, Browser, Gate
from tests.live import LiveHub, until


async def _publish(live: LiveHub, count: int, pause: float) -> None:
    for number in range(count):
        await live.publish(CHANNEL, "tick", number)
        await asyncio.sleep(pause)


async def test_three_tabs_share_a_connection_and_pass_it_on(live: LiveHub, browser: Browser) -> None:
    """The one that has it is closed, twice, while something is published: the others get it all, and nothing twice."""
    first, second, third = [await browser.tab(share=True) for _ in range(3)]
    assert len(live.hub.connections) == 1
    publishing = asyncio.create_task(_publish(live, 120, 0.02))
    await first.until("seen.data.length > 20")
    await first.page.close()
    await second.until("seen.data.length > 60")
    await second.page.close()
    await publishing
    await third.until("seen.data.length >= 120")
    assert await third.seen("data") == list(range(120))
    assert await third.seen("gaps") == []
    assert len(live.hub.connections) == 1


async def test_a_tab_that_joins_catches_up(live: LiveHub, browser: Browser) -> None:
    """From the position that it knows, though the connection is on the channel already."""
    first = await browser.tab(share=True)
    await _publish(live, 5, 0)
    await first.until("seen.data.length === 5")
    second = await browser.tab(share=True)
    await second.page.evaluate(
        """() => {
          globalThis.old = [];
          const all = hub.subscribe("ai_analysis", { since: { offset: 0 } });
          all.addEventListener("publication", ({ detail }) => old.push(detail.data));
        }"""
    )
    await second.until("old.length === 5")
    assert await second.page.evaluate("old") == [0, 1, 2, 3, 4]
    assert await first.seen("data") == [0, 1, 2, 3, 4]
    assert len(live.hub.connections) == 1


async def test_shared_tabs_come_back_together(live: LiveHub, gate: Gate, browser: Browser) -> None:
    """A cut is one for all; afterwards there is one connection again."""
    tabs = [await browser.tab(share=True) for _ in range(3)]
    for number in range(3):
        gate.cut()
        await live.publish(CHANNEL, "tick", number)
        for tab in tabs:
            await tab.until(f"seen.data.length === {number + 1}")
            assert await tab.seen("data") == list(range(number + 1))
    await until(lambda: len(live.hub.connections) == 1)


async def test_a_leaving_tab_leaves_its_channels(live: LiveHub, browser: Browser) -> None:
    """However it goes: the shared connection is on no channel that nobody reads."""
    await browser.tab(share=True)
    other = await browser.tab(share=True)
    await other.page.evaluate("hub.subscribe('system_alerts').ready()")
    assert live.hub.engine.registry.count("system_alerts") == 1
    await other.page.close()
    await until(lambda: not live.hub.engine.registry.count("system_alerts"))
