"""A page of somebody else's portal with the React components of `docs/topics/socketio.md`, bundled as they stand there,
and the unchanged browser build of `socket.io-client`."""

from __future__ import annotations

import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Route, expect

from tests.architecture.tree import ROOT
from tests.js_client import built
from tests.live import settings_for
from tests.needs import NODE_PROJECT

PORTAL = "http://localhost:3000"
CHANNEL = "training"

_SHIM = """
globalThis.sockets = [];
export const io = (url, options) => {
  const patience = { reconnectionDelay: 50, reconnectionDelayMax: 200 };
  const socket = globalThis.io(globalThis.HUB, { ...patience, ...globalThis.OPTIONS });
  globalThis.sockets.push(socket);
  return socket;
};
"""

_ENTRY = """
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RAGModule } from "./socketio.jsx";
import { RAGModule as Plain } from "./plain.jsx";

const root = createRoot(document.getElementById("root"));
globalThis.mount = (plain) => root.render(<StrictMode>{plain ? <Plain /> : <RAGModule />}</StrictMode>);
globalThis.unmount = () => root.render(null);
"""

_PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><div id="root"></div>
<script src="/portal/socket.io.js"></script><script type="module" src="/portal/page.js"></script>"""

_PLAIN_URL = '"ws://127.0.0.1:8080/ws"'


def bundle_in(folder: Path) -> Path:
    """Write the components and React into one file; `io` is what the build of `socket.io-client` makes global."""
    text = (ROOT / "docs" / "topics" / "socketio.md").read_text(encoding="utf-8")
    socketio, plain = re.findall(r"```jsx\n(.*?)```", text, re.DOTALL)
    assert _PLAIN_URL in plain
    (folder / "socketio.jsx").write_text(socketio, encoding="utf-8")
    plain = plain.replace(_PLAIN_URL, 'HUB.replace("http", "ws") + "/ws"')
    (folder / "plain.jsx").write_text(plain, encoding="utf-8")
    (folder / "shim.js").write_text(_SHIM)
    (folder / "entry.jsx").write_text(_ENTRY)
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
    """A page with one of the components."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self.console: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda line: self.console.append(line.text))

    async def mount(self, *, plain: bool = False) -> None:
        """Put a component into the page: the one with Socket.IO, or the one with a WebSocket."""
        sockets = await self.page.evaluate("sockets.length")
        await self.page.evaluate("(plain) => mount(plain)", plain)
        if not plain:  # strict mode mounts twice
            await self.page.wait_for_function("(count) => sockets.length === count", arg=sockets + 2)

    async def unmount(self) -> None:
        """Take it from the page."""
        await self.page.evaluate("unmount()")

    async def connected(self, transport: str = "") -> None:
        """Wait until the last socket is connected, and by a transport."""
        condition = "(name) => sockets.at(-1)?.connected && (!name || sockets.at(-1).io.engine.transport.name === name)"
        await self.page.wait_for_function(condition, arg=transport, timeout=20_000)

    async def lines(self) -> list[str]:
        """Return the lines that the page shows."""
        return await self.page.locator("li").all_inner_texts()

    async def shows(self, stages: range, progress: int) -> None:
        """Expect a line for each stage, and where the bar stands."""
        lines = [f"✅ [Этап {stage}/14] step {stage}" for stage in stages]
        await expect(self.page.locator("li")).to_have_text(lines, timeout=20_000)
        await expect(self.page.locator("progress")).to_have_js_property("value", progress)


@asynccontextmanager
async def portal(
    chromium: Browser, bundle: Path, hub: str, origin: str = PORTAL, *, plain: bool = False, **options: Any
) -> AsyncIterator[Portal]:
    """Open the page from `origin`, for a hub at another one."""
    files = {"socket.io.js": NODE_PROJECT / "node_modules/socket.io-client/dist/socket.io.js", "page.js": bundle}

    async def serve(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if name in files:
            await route.fulfill(path=files[name], content_type="text/javascript")
        else:
            await route.fulfill(body=_PAGE, content_type="text/html")

    async with await chromium.new_context() as context:
        await context.route(f"{origin}/portal/**", serve)
        opened = Portal(await context.new_page())
        await opened.page.goto(f"{origin}/portal/")
        await opened.page.wait_for_function("!!globalThis.mount")
        await opened.page.evaluate("([hub, options]) => { HUB = hub; OPTIONS = options; }", [hub, options])
        await opened.mount(plain=plain)
        yield opened
    assert opened.faults == []


def portal_settings(**options: Any) -> Any:
    """What the page of the documentation says, for the page's origin."""
    named = {CHANNEL: {"history_size": 1000}}
    return settings_for(
        **{"channels__named": named, "socketio__channels": [CHANNEL], "server__origins": [PORTAL], **options}
    )
