"""The React component of `docs/topics/socketio.md` in a real browser, with the unchanged browser build of
`socket.io-client`, against a real hub."""

from __future__ import annotations

import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route, async_playwright, expect

from tests.architecture.tree import ROOT
from tests.browser.js_page import ARGUMENTS, gated
from tests.js_client import built
from tests.live import LiveHub, running, settings_for, until
from tests.needs import NODE_PROJECT

PORTAL = "http://localhost:3000"
CHANNEL = "training"
TRANSPORTS = [["polling", "websocket"], ["websocket"], ["polling"]]

SHIM = """
globalThis.sockets = [];
export const io = (url, options) => {
  const patience = { reconnectionDelay: 50, reconnectionDelayMax: 200 };
  const socket = globalThis.io(globalThis.HUB, { ...patience, ...globalThis.OPTIONS });
  globalThis.sockets.push(socket);
  return socket;
};
"""

ENTRY = """
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RAGModule } from "./module.jsx";

const root = createRoot(document.getElementById("root"));
globalThis.mount = () => root.render(<StrictMode><RAGModule /></StrictMode>);
globalThis.unmount = () => root.render(null);
"""

PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><div id="root"></div>
<script src="/portal/socket.io.js"></script><script type="module" src="/portal/page.js"></script>"""


def snippet() -> str:
    """The component, as the page has it."""
    text = (ROOT / "docs" / "topics" / "socketio.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```jsx\n(.*?)```", text, re.DOTALL)
    return str(code)


@pytest.fixture(scope="session")
def bundle(node_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The component and React in one file; `io` is what the browser build of `socket.io-client` makes global."""
    folder = tmp_path_factory.mktemp("portal")
    (folder / "module.jsx").write_text(snippet(), encoding="utf-8")
    (folder / "shim.js").write_text(SHIM)
    (folder / "entry.jsx").write_text(ENTRY)
    esbuild = str(built() / "node_modules" / ".bin" / "esbuild")
    options = ["--bundle", "--format=esm", "--jsx=automatic", "--log-level=error", "--outfile=page.js"]
    more = ['--define:process.env.NODE_ENV="development"', "--alias:socket.io-client=./shim.js"]
    subprocess.run(
        [esbuild, "entry.jsx", *options, *more],
        cwd=folder,
        env={"NODE_PATH": str(NODE_PROJECT / "node_modules"), "PATH": "/usr/bin:/bin"},
        check=True,
        timeout=60,
    )
    return folder / "page.js"


class Portal:
    """A page with the component."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self.console: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda line: self.console.append(line.text))

    async def mount(self) -> None:
        await self.page.evaluate("mount()")

    async def connected(self, transport: str = "") -> None:
        """Wait until the last socket is connected, and by a transport."""
        condition = "(name) => sockets.at(-1)?.connected && (!name || sockets.at(-1).io.engine.transport.name === name)"
        await self.page.wait_for_function(condition, arg=transport, timeout=20_000)

    async def shows(self, stages: range, progress: int) -> None:
        """Expect a line for each stage, and where the bar stands."""
        lines = [f"✅ [Этап {stage}/14] step {stage}" for stage in stages]
        await expect(self.page.locator("li")).to_have_text(lines, timeout=20_000)
        await expect(self.page.locator("progress")).to_have_js_property("value", progress)


@asynccontextmanager
async def portal(chromium: Path, bundle: Path, hub: str, origin: str = PORTAL, **options: Any) -> AsyncIterator[Portal]:
    """Open the page from `origin`, for a hub at another one."""
    files = {"socket.io.js": NODE_PROJECT / "node_modules/socket.io-client/dist/socket.io.js", "page.js": bundle}

    async def serve(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if name in files:
            await route.fulfill(path=files[name], content_type="text/javascript")
        else:
            await route.fulfill(body=PAGE, content_type="text/html")

    async with async_playwright() as playwright:
        program = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        context = await program.new_context()
        await context.route(f"{origin}/portal/**", serve)
        opened = Portal(await context.new_page())
        await opened.page.goto(f"{origin}/portal/")
        await opened.page.wait_for_function("!!globalThis.mount")
        await opened.page.evaluate("([hub, options]) => { HUB = hub; OPTIONS = options; }", [hub, options])
        await opened.mount()
        yield opened
        await program.close()
    assert opened.faults == []


def settings(**options: Any) -> Any:
    """What the documentation says, for the page's origin."""
    named = {CHANNEL: {"history_size": 1000}}
    return settings_for(
        **{"channels__named": named, "socketio__channels": [CHANNEL], "server__origins": [PORTAL], **options}
    )


async def train(live: LiveHub, stages: range) -> None:
    for stage in stages:
        update = {"stage": f"{stage}/14", "log": f"step {stage}", "progress": round(100 * stage / 14)}
        await live.publish(CHANNEL, "stage_update", update)


@pytest.mark.parametrize("transports", TRANSPORTS, ids="-".join)
async def test_the_component_shows_a_training(chromium_path: Path, bundle: Path, transports: list[str]) -> None:
    """Each stage is a line, once though strict mode mounts everything twice, and the bar follows. So it is after it was
    taken from the page and put there again."""
    async with running(settings()) as live, portal(chromium_path, bundle, live.url, transports=transports) as page:
        await page.connected(transports[-1])
        await until(lambda: live.hub.engine.registry.count(CHANNEL) == 1)
        await train(live, range(1, 8))
        await page.shows(range(1, 8), 50)
        await page.page.evaluate("unmount()")
        await until(lambda: not live.hub.engine.registry.count(CHANNEL))
        await page.mount()
        await page.connected()
        await until(lambda: live.hub.engine.registry.count(CHANNEL) == 1)
        await train(live, range(8, 15))
        await page.shows(range(8, 15), 100)
        assert await page.page.evaluate("sockets.filter((each) => each.connected).length") == 1


@pytest.mark.parametrize("transports", TRANSPORTS, ids="-".join)
async def test_cuts_lose_and_repeat_nothing(chromium_path: Path, bundle: Path, transports: list[str]) -> None:
    """Although the component knows nothing of positions."""
    async with (
        running(settings(websocket__heartbeat=1.0)) as live,
        gated(live) as gate,
        portal(chromium_path, bundle, gate.url, transports=transports) as page,
    ):
        await page.connected()
        await until(lambda: live.hub.engine.registry.count(CHANNEL) == 1)
        for stage in range(1, 15):
            await train(live, range(stage, stage + 1))
            if stage % 4 == 1:
                await page.shows(range(1, stage + 1), round(100 * stage / 14))
                gate.cut()
        await page.shows(range(1, 15), 100)


async def test_a_hub_that_is_restarted(chromium_path: Path, bundle: Path) -> None:
    """Is found again; what it has forgotten isn't shown twice."""
    async with running(settings()) as live:
        port, url = live.port, live.url
        async with portal(chromium_path, bundle, url) as page:
            await page.connected()
            await until(lambda: live.hub.engine.registry.count(CHANNEL) == 1)
            await train(live, range(1, 4))
            await page.shows(range(1, 4), 21)
            await live.server.stop(0.0)
            async with running(settings(server__port=port)) as again:
                await page.connected()
                await until(lambda: again.hub.engine.registry.count(CHANNEL) == 1)
                await train(again, range(4, 6))
                await page.shows(range(1, 6), 36)


async def test_a_page_of_the_hub_itself(chromium_path: Path, bundle: Path) -> None:
    """Needs no origin to be named."""
    async with running(settings(server__origins=[])) as live, portal(chromium_path, bundle, live.url, live.url) as page:
        await page.connected()
        await until(lambda: live.hub.engine.registry.count(CHANNEL) == 1)
        await train(live, range(1, 2))
        await page.shows(range(1, 2), 7)


@pytest.mark.parametrize(
    ("transports", "words"), [(["polling"], "has been blocked by CORS policy"), (["websocket"], "response code: 403")]
)
async def test_a_page_of_another_origin(
    chromium_path: Path, bundle: Path, transports: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Is refused: the page hears it as `connect_error`, the browser's console and the hub's log say why, and it has
    no connection of it."""
    refused = settings(server__origins=["http://localhost:3001"])
    async with running(refused) as live, portal(chromium_path, bundle, live.url, transports=transports) as page:
        said = "new Promise((heard) => sockets.at(-1).once('connect_error', (error) => heard(error.message)))"
        assert await page.page.evaluate(said) in ("xhr poll error", "websocket error")
        await until(lambda: any(words in line for line in page.console))
        assert "permission_denied" in capsys.readouterr().out
        assert len(live.hub.connections) == live.hub.connections.ever == 0
