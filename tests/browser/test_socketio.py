"""The React component of `docs/topics/socketio.md` in a real browser, with the unchanged browser build of
`socket.io-client`, against a real hub."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.js_page import gated
from tests.browser.portal_page import CHANNEL, bundle_in, portal, portal_settings
from tests.live import LiveHub, running, until

TRANSPORTS = [["polling", "websocket"], ["websocket"], ["polling"]]


@pytest.fixture(scope="session")
def bundle(node_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle_in(tmp_path_factory.mktemp("portal"))


async def train(live: LiveHub, stages: range) -> None:
    for stage in stages:
        update = {"stage": f"{stage}/14", "log": f"step {stage}", "progress": round(100 * stage / 14)}
        await live.publish(CHANNEL, "stage_update", update)


@pytest.mark.parametrize("transports", TRANSPORTS, ids="-".join)
async def test_the_component_shows_a_training(chromium: Browser, bundle: Path, transports: list[str]) -> None:
    """Each stage is a line, once though strict mode mounts everything twice, and the bar follows. So it is after it was
    taken from the page and put there again."""
    async with (
        running(portal_settings()) as live,
        portal(chromium, bundle, live.url, transports=transports) as page,
    ):
        await page.connected(transports[-1])
        await until(lambda: live.hub.engine.registry.count(CHANNEL) == 1)
        await train(live, range(1, 8))
        await page.shows(range(1, 8), 50)
        await page.unmount()
        await until(lambda: not live.hub.engine.registry.count(CHANNEL))
        await page.mount()
        await page.connected()
        await until(lambda: live.hub.engine.registry.count(CHANNEL) == 1)
        await train(live, range(8, 15))
        await page.shows(range(8, 15), 100)
        assert await page.page.evaluate("sockets.filter((each) => each.connected).length") == 1


@pytest.mark.parametrize("transports", TRANSPORTS, ids="-".join)
async def test_cuts_lose_and_repeat_nothing(chromium: Browser, bundle: Path, transports: list[str]) -> None:
    """Although the component knows nothing of positions."""
    async with (
        running(portal_settings(websocket__heartbeat=1.0)) as live,
        gated(live) as gate,
        portal(chromium, bundle, gate.url, transports=transports) as page,
    ):
        await page.connected()
        await until(lambda: live.hub.engine.registry.count(CHANNEL) == 1)
        for stage in range(1, 15):
            await train(live, range(stage, stage + 1))
            if stage % 4 == 1:
                await page.shows(range(1, stage + 1), round(100 * stage / 14))
                gate.cut()
        await page.shows(range(1, 15), 100)


async def test_a_hub_that_is_restarted(chromium: Browser, bundle: Path) -> None:
    """Is found again; what it has forgotten isn't shown twice."""
    async with running(portal_settings()) as live:
        port, url = live.port, live.url
        async with portal(chromium, bundle, url) as page:
            await page.connected()
            await until(lambda: live.hub.engine.registry.count(CHANNEL) == 1)
            await train(live, range(1, 4))
            await page.shows(range(1, 4), 21)
            await live.server.stop(0.0)
            async with running(portal_settings(server__port=port)) as again:
                await page.connected()
                await until(lambda: again.hub.engine.registry.count(CHANNEL) == 1)
                await train(again, range(4, 6))
                await page.shows(range(1, 6), 36)


async def test_a_page_of_the_hub_itself(chromium: Browser, bundle: Path) -> None:
    """Needs no origin to be named."""
    async with (
        running(portal_settings(server__origins=[])) as live,
        portal(chromium, bundle, live.url, live.url) as page,
    ):
        await page.connected()
        await until(lambda: live.hub.engine.registry.count(CHANNEL) == 1)
        await train(live, range(1, 2))
        await page.shows(range(1, 2), 7)


@pytest.mark.parametrize(
    ("transports", "words"), [(["polling"], "has been blocked by CORS policy"), (["websocket"], "response code: 403")]
)
async def test_a_page_of_another_origin(
    chromium: Browser, bundle: Path, transports: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Is refused: the page hears it as `connect_error`, the browser's console and the hub's log say why, and it has
    no connection of it."""
    refused = portal_settings(server__origins=["http://localhost:3001"])
    async with running(refused) as live, portal(chromium, bundle, live.url, transports=transports) as page:
        said = "new Promise((heard) => sockets.at(-1).once('connect_error', (error) => heard(error.message)))"
        assert await page.page.evaluate(said) in ("xhr poll error", "websocket error")
        await until(lambda: any(words in line for line in page.console))
        assert "permission_denied" in capsys.readouterr().out
        assert len(live.hub.connections) == live.hub.connections.ever == 0
