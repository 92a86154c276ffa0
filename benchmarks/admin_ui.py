"""Entry point: `python -m benchmarks.admin_ui`. How smooth the admin UI stays in Chromium while much happens.

A hub in this process, with the admin UI as `make admin` built it, and a headless Chromium before it; both share the
machine, so the figures are of one that is busy with the hub, too. For each rate (0, 500, 2,000 and 5,000 messages a
second unless `--rates` names others) messages of some 100 bytes are published on one channel for `--seconds`, while its
page shows them live:

- `published/s` and `arrived/s`: what the hub took, and what the page counted;
- `frames/s`: callbacks of requestAnimationFrame; 60 is all that a headless Chromium draws;
- `long tasks` and `longest`: tasks of more than 50 ms on the page's main thread, by the Long Tasks API.

Then two lists: `--channels` active channels (10,000) and `--connections` open connections (10,000), each with the time
until its first rows are there, and frames/s and long tasks while somebody types into its search field. 0 leaves a list
out.

Needs a built admin UI (`make admin`), Playwright and a Chromium (`--chromium`, or the first on the path).
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import shutil
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final

import orjson
import structlog
from playwright.async_api import Page, async_playwright

from benchmarks import admin_ui_connections
from benchmarks.table import Column, render
from channels.model import Draft
from hub.http.admin import is_built
from hub.notify import Inbox
from hub.server import Server
from hub.settings import Source, load
from hub.wiring import build

CHANNEL: Final = "busy"

STEP: Final = 0.01
"""Seconds between two bursts of publications."""

_OPTIONS: Final[dict[str, Any]] = {
    "server.port": 0,
    "server.drain": 0.1,
    "system_stats.interval": 0.0,
    "hub_stats.interval": 0.0,
    "alerts.interval": 0.0,
    "websocket.heartbeat": 3600.0,
    "limits.subscriptions": 50_000,
    "limits.command_burst": 100_000,
    "limits.commands_per_second": 100_000.0,
    "limits.connections": 0,
    "channels.named": {CHANNEL: {"history_size": 100}},
    "channels.session": {"subscribe": "everyone"},
}

_WATCH: Final = """() => {
  const seen = { frames: 0, tasks: 0, longest: 0, since: performance.now() };
  globalThis.stopWatching?.();
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      seen.tasks += 1;
      seen.longest = Math.max(seen.longest, duration);
    }
  });
  observer.observe({ type: "longtask" });
  let going = true;
  const frame = () => { if (going) { seen.frames += 1; requestAnimationFrame(frame); } };
  requestAnimationFrame(frame);
  globalThis.stopWatching = () => { going = false; observer.disconnect(); };
  globalThis.watched = () => ({ ...seen, seconds: (performance.now() - seen.since) / 1000 });
}"""


@dataclass(frozen=True, slots=True)
class Watched:
    """What a page's main thread did.

    Attributes:
        longest: milliseconds of the longest task; 0 when none was long.
    """

    frames: int
    tasks: int
    longest: float
    seconds: float

    @property
    def smoothness(self) -> str:
        """Frames per second."""
        return f"{self.frames / self.seconds:.1f}"


@dataclass(frozen=True, slots=True)
class Flood:
    """One rate on one channel."""

    published: float
    arrived: float
    watched: Watched

    def row(self, wanted: int) -> list[str]:
        """What is printed of it."""
        seen = self.watched
        figures = [f"{wanted:,}", f"{self.published:,.0f}", f"{self.arrived:,.0f}"]
        return [*figures, seen.smoothness, str(seen.tasks), f"{seen.longest:.0f} ms"]


def bursts(rate: int, seconds: float) -> list[int]:
    """Spread `rate` publications a second over bursts, one each `STEP` seconds."""
    count = round(seconds / STEP)
    return [int(rate * STEP * (n + 1)) - int(rate * STEP * n) for n in range(count)]


def count_in(text: str) -> int:
    """Read the number out of "12,345 received"."""
    return int("".join(filter(str.isdigit, text)) or "0")


async def watch(page: Page) -> Watched:
    """Tell what was seen since the watching began."""
    seen = await page.evaluate("watched()")
    return Watched(seen["frames"], seen["tasks"], seen["longest"], seen["seconds"])


async def flood(server: Server, page: Page, rate: int, seconds: float) -> Flood:
    """Publish at a rate while the page shows it."""
    received = page.get_by_test_id("received")
    await page.goto(f"{server.url}/admin/channels/{CHANNEL}")
    await received.wait_for()
    await page.wait_for_timeout(2_000)
    before = count_in(await received.inner_text())
    await page.evaluate(_WATCH)
    began = time.monotonic()
    sent = 0
    for n, size in enumerate(bursts(rate, seconds)):
        for _ in range(size):
            sent += 1
            await server.hub.engine.publish(_draft(sent))
        await asyncio.sleep(max(0.0, began + (n + 1) * STEP - time.monotonic()))
    took = time.monotonic() - began
    watched = await watch(page)
    arrived = count_in(await received.inner_text()) - before
    return Flood(sent / took, arrived / watched.seconds, watched)


def _draft(n: int) -> Draft:
    data = orjson.dumps({"n": n, "symbol": "TOCSIN", "price": n / 7, "note": "a message of usual size"})
    return Draft(CHANNEL, "tick", data, time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime()))


async def look(page: Page, url: str, row: str, search: str, words: str) -> tuple[float, Watched]:
    """Open a list, wait for its rows, and search in it.

    Returns:
        Seconds until the first row was there, and what was seen while typing.
    """
    began = time.monotonic()
    await page.goto(url)
    await page.locator(row).first.wait_for(timeout=60_000)
    took = time.monotonic() - began
    await page.wait_for_timeout(2_000)
    await page.evaluate(_WATCH)
    field = page.locator(search).first
    for _ in range(3):
        await field.fill("")
        await field.press_sequentially(words, delay=60)
    await page.wait_for_timeout(1_000)
    return took, await watch(page)


def hold(url: str, connections: int, channels: int, ready: Connection) -> None:
    """In a process of its own: hold connections, one of them on that many channels, until told to end."""
    asyncio.run(_hold(url, connections, channels, ready))


async def _hold(url: str, connections: int, channels: int, ready: Connection) -> None:
    host, port = url.removeprefix("http://").split(":")
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13"
    held = []
    for n in range(connections):
        reader, writer = await asyncio.open_connection(host, int(port))
        names = ",".join(f"session:{c}" for c in range(channels)[n * 200 : (n + 1) * 200])
        path = f"/ws?client_id=client-{n}&channels={names}"
        upgrade = (
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{key}\r\n\r\n"
        )
        writer.write(upgrade.encode())
        await reader.readuntil(b"\r\n\r\n")
        held.append((reader, writer))
    ready.send(True)
    await asyncio.to_thread(ready.recv)


@asynccontextmanager
async def held(url: str, connections: int, channels: int) -> AsyncIterator[None]:
    """Keep connections open meanwhile."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=hold, args=(url, connections, channels, there))
    process.start()
    try:
        await asyncio.to_thread(here.recv)
        yield
    finally:
        here.send(None)
        await asyncio.to_thread(process.join)


async def measure(options: argparse.Namespace) -> None:
    """Measure all, and print it."""
    server = Server(build(load(Source(None, {}), _OPTIONS), inbox=Inbox()))
    await server.start()
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
            page = await browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
            floods = [(rate, await flood(server, page, rate, options.seconds)) for rate in options.rates]
            columns = ["wanted/s", "published/s", "arrived/s", "frames/s", "long tasks", "longest"]
            print(render([Column(name) for name in columns], [one.row(rate) for rate, one in floods]))
            await _lists(server.url, page, options)
            await browser.close()
    finally:
        await server.stop()


async def _lists(url: str, page: Page, options: argparse.Namespace) -> None:
    rows: list[list[str]] = []
    async with held(url, max(options.connections, -(-options.channels // 200)), options.channels):
        for name, number, words in (
            ("channels", options.channels, "99"),
            ("connections", options.connections, "client-99"),
        ):
            if number:
                took, seen = await look(
                    page,
                    f"{url}/admin/{name}",
                    "tbody tr[data-row-key]",
                    "input[data-search], [data-search] input",
                    words,
                )
                rows.append(
                    [f"{number:,} {name}", f"{took:.1f} s", seen.smoothness, str(seen.tasks), f"{seen.longest:.0f} ms"]
                )
        if options.connections > 100:  # more than two pages
            waits = await admin_ui_connections.look(page, url, f"client-{options.connections - 1}")
            print(f"\n{admin_ui_connections.table([waits])}")
    if rows:
        headings = [Column("list", left=True), *map(Column, ["first rows", "frames/s", "long tasks", "longest"])]
        print(f"\n{render(headings, rows)}")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.admin_ui", description="Measures how smooth the admin UI stays."
    )
    parser.add_argument(
        "--rates",
        type=lambda text: [int(rate) for rate in text.split(",")],
        default=[0, 500, 2_000, 5_000],
        metavar="N,N",
        help="messages a second",
    )
    parser.add_argument("--seconds", type=float, default=8.0, help="that each rate is held")
    parser.add_argument(
        "--channels", type=int, default=10_000, help="active ones in the list of channels; 0: not measured"
    )
    parser.add_argument("--connections", type=int, default=10_000, help="in the list of connections; 0: not measured")
    parser.add_argument(
        "--chromium", default=shutil.which("chromium") or shutil.which("google-chrome"), help="the browser"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or say what is missing."""
    options = parse(arguments)
    if not is_built():
        print("the admin UI isn't built: run make admin first", file=sys.stderr)
        return 2
    if not options.chromium:
        print("expected a Chromium on the path; name one with --chromium", file=sys.stderr)
        return 2
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    asyncio.run(measure(options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
