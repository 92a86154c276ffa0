"""The console of a hub of several processes shows their numbers as those of one hub."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from channels.clock import iso
from channels.model import Draft
from tests.browser.console_page import ConsolePage, Frame, visiting
from tests.live import LiveHub

CHANNEL = "system_alerts"

NOON = 1_795_262_400.0
"""2026-11-21, 12:00:00 UTC."""


class Scene(NamedTuple):
    """A hub and its console."""

    hub: LiveHub
    console: ConsolePage

    async def stats(self, node: str | None, at: float, /, **numbers: float) -> None:
        """Publish the numbers that a process had `at` seconds after noon."""
        data = {**numbers, **({"node": node} if node else {})}
        await self.hub.hub.engine.publish(Draft(CHANNEL, "system_stats", json.dumps(data).encode(), iso(NOON + at)))

    def tile(self, name: str) -> Locator:
        return self.console.page.locator(f"[data-stat={name}] .value")

    @property
    def processes(self) -> Locator:
        return self.console.page.locator("#system-nodes")

    async def heights(self, name: str, points: int) -> set[str]:
        """Wait until a tile's line has so many points, and return how high they are."""
        path = self.console.page.locator(f"[data-stat={name}] .spark path")
        await expect(path).to_have_js_property("tagName", "path")
        await self.console.page.wait_for_function(
            "([path, points]) => (path.getAttribute('d') ?? '').split(/[ML]/).length === points + 1",
            arg=[await path.element_handle(), points],
        )
        line = await path.get_attribute("d") or ""
        return {point.split()[1] for point in line.replace("M", "L").split("L")[1:]}


@pytest_asyncio.fixture(loop_scope="session")
async def scene(hub: LiveHub, chromium: Browser) -> AsyncIterator[Scene]:
    async with visiting(hub.url, chromium) as console:
        await console.open()
        yield Scene(hub, console)


FLAT = {"12.0"}
"""Where a line runs whose samples are all the same."""


async def test_two_processes_are_one_hub(scene: Scene) -> None:
    """What can be added up is; the mean is one over all requests, and the age that of the oldest."""
    await scene.stats(
        "n-a", 0, total_requests=100, successful_requests=99, failed_requests=1, avg_response_time=2,
        active_connections=3, memory_usage=80.5, cpu_usage=60, uptime=7200,
    )  # fmt: skip
    await expect(scene.tile("total_requests")).to_have_text("100")
    await expect(scene.processes).to_be_hidden()
    await scene.stats(
        "n-b", 5, total_requests=300, successful_requests=300, failed_requests=0, avg_response_time=6,
        active_connections=4, memory_usage=70, cpu_usage=55.5, uptime=60,
    )  # fmt: skip
    await expect(scene.processes).to_have_text("2 processes")
    shown = {
        "total_requests": "400",
        "successful_requests": "399",
        "failed_requests": "1",
        "avg_response_time": "5",
        "active_connections": "7",
        "memory_usage": "151",
        "cpu_usage": "116",
        "uptime": "2h 00m",
    }
    for name, text in shown.items():
        await expect(scene.tile(name)).to_have_text(text)
    title = "n-a: 3 connections, 80.5 MB, up 2h 00m\nn-b: 4 connections, 70 MB, up 1m 00s"
    await expect(scene.processes).to_have_attribute("title", title)


async def test_the_newest_of_a_process_counts(scene: Scene) -> None:
    """What it said before is replaced, and what it doesn't say any more is missing."""
    await scene.stats("n-a", 0, total_requests=100, active_connections=3)
    await scene.stats("n-b", 5, total_requests=10, active_connections=4)
    await scene.stats("n-a", 30, total_requests=150)
    await expect(scene.tile("total_requests")).to_have_text("160")
    await expect(scene.tile("active_connections")).to_have_text("4")
    await expect(scene.processes).to_have_text("2 processes")


async def test_without_names_there_is_one(scene: Scene) -> None:
    """The last message is the hub, as it always was."""
    for number, requests in enumerate((100, 150, 10)):
        await scene.stats(None, 30 * number, total_requests=requests)
        await expect(scene.tile("total_requests")).to_have_text(str(requests))
    await expect(scene.processes).to_be_hidden()


async def test_a_process_that_is_silent_has_ended(scene: Scene) -> None:
    """After four of its own intervals, by the hub's clock; before that it may just be late."""
    for at in (0, 20):
        await scene.stats("n-a", at, total_requests=100)
        await scene.stats("n-b", at + 10, total_requests=10)
    await scene.stats("n-a", 110, total_requests=100)
    await expect(scene.tile("total_requests")).to_have_text("110")
    await scene.stats("n-a", 111, total_requests=101)
    await expect(scene.tile("total_requests")).to_have_text("101")
    await expect(scene.processes).to_be_hidden()


async def test_long_intervals_are_learnt(scene: Scene) -> None:
    """Processes that speak every five minutes are all there, from their second messages on."""
    for at in (0, 300, 600):
        await scene.stats("n-a", at, total_requests=100)
        await scene.stats("n-b", at + 150, total_requests=10)
    await expect(scene.tile("total_requests")).to_have_text("110")
    await expect(scene.processes).to_have_text("2 processes")


async def test_a_restarted_hub_is_not_two(scene: Scene) -> None:
    """Its process has another name; a channel that began anew tells that those before it are gone."""
    await scene.stats("n-a", 0, total_requests=100)
    await expect(scene.tile("total_requests")).to_have_text("100")
    scene.console.push(
        {"type": "system_stats", "channel": CHANNEL, "data": {"total_requests": 3, "node": "n-b"},
         "timestamp": iso(NOON + 9), "epoch": "another", "offset": 1}
    )  # fmt: skip
    await expect(scene.tile("total_requests")).to_have_text("3")
    await expect(scene.processes).to_be_hidden()


async def test_a_process_that_the_hub_lists_no_more_has_ended(scene: Scene) -> None:
    """Operators are told which there are; those of another service were never listed, and stay."""
    for node in ("n-a", "n-b", "elsewhere"):
        await scene.stats(node, 0, total_requests=100)
    for listed, text in (["n-a", "n-b"], "300"), (["n-a"], "200"):

        def listing(frame: Frame, listed: list[str] = listed) -> Frame:
            if frame["type"] != "stats":
                return frame
            return {**frame, "data": {**frame["data"], "nodes": [{"node": node} for node in listed]}}

        scene.console.from_hub = listing
        await scene.console.close(4002)  # the page asks when it is back
        await expect(scene.console.state).to_have_text("Reconnecting")
        await expect(scene.tile("total_requests")).to_have_text(text)
        await expect(scene.console.state).to_have_text("Live")
        await expect(scene.console.page.locator("#fact-clients")).not_to_have_text("–")
    await expect(scene.processes).to_have_text("2 processes")


async def test_a_line_does_not_jump_when_a_process_comes_or_goes(scene: Scene) -> None:
    """It is made of each process's own rises, and never of its whole count."""
    for number in range(3):
        await scene.stats("n-a", 30 * number, total_requests=1000 + 10 * number)
    await scene.stats("n-b", 65, total_requests=50_000)
    await scene.stats("n-a", 90, total_requests=1030)
    await expect(scene.tile("total_requests")).to_have_text("51,030")
    assert await scene.heights("total_requests", 3) == FLAT
    for number in range(4, 8):
        await scene.stats("n-a", 30 * number, total_requests=1000 + 10 * number)
    await expect(scene.tile("total_requests")).to_have_text("1,070")
    assert await scene.heights("total_requests", 7) == FLAT


async def test_a_line_has_one_sample_a_round(scene: Scene) -> None:
    """A busy process and a quiet one make one steady line, and no teeth."""
    for number in range(4):
        await scene.stats("n-a", 30 * number, total_requests=100 * number)
        await scene.stats("n-b", 30 * number + 15, total_requests=number)
    assert await scene.heights("total_requests", 3) == FLAT


async def test_a_failure_in_any_process_is_marked(scene: Scene) -> None:
    """As long as its newest message has more of them than the one before."""
    bad = scene.console.page.locator("[data-stat=failed_requests][data-bad]")
    for at, (first, second), marks in ((0, (5, 5), 0), (30, (5, 6), 1), (60, (5, 6), 0)):
        await scene.stats("n-a", at, failed_requests=first)
        await scene.stats("n-b", at + 1, failed_requests=second)
        await expect(scene.tile("failed_requests")).to_have_text(str(first + second))
        await expect(bad).to_have_count(marks)
