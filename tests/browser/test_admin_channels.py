"""The channels pages of the admin UI: the list, and one channel with its messages, history, people and publisher."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from tests.browser.admin_page import AdminPage, admin
from tests.live import LiveHub, running, settings_for

HOSTILE: Final = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"

NAMED: Final[dict[str, Any]] = {
    "deploys": {"publish": "everyone", "history_size": 250},
    "prices": {"publish": "everyone", "conflate": "key"},
    "scores": {
        "publish": "users",
        "schema": {"type": "object", "required": ["player"], "properties": {"points": {"minimum": 0}}},
    },
    "secret": {"publish": "nobody"},
    "busy": {"history_size": 100},
}

FLOOD: Final = 4_000
RATE: Final = 2_000

_WATCH: Final = """() => {
  const list = document.querySelector("[role=listbox]");
  globalThis.seen = { commits: 0, frames: 0, rows: 0 };
  new MutationObserver(() => {
    seen.commits += 1;
    seen.rows = Math.max(seen.rows, list.querySelectorAll("[role=option]").length);
  }).observe(list, { subtree: true, childList: true, characterData: true, attributes: true });
  const frame = () => { seen.frames += 1; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
}"""
"""Counts what React does to the list, beside the frames that the browser draws."""


@pytest_asyncio.fixture(loop_scope="session")
async def hub() -> AsyncIterator[LiveHub]:
    """A hub with channels of all sorts."""
    async with running(settings_for(channels__named=NAMED)) as live:
        yield live


@pytest_asyncio.fixture(loop_scope="session")
async def page(hub: LiveHub, chromium: Browser) -> AsyncIterator[AdminPage]:
    """The admin UI, not opened yet."""
    async with admin(hub.url, chromium) as page:
        yield page


def _rows(page: AdminPage) -> Locator:
    return page.page.get_by_role("option").filter(visible=True)


async def test_the_list_tells_what_there_is(hub: LiveHub, page: AdminPage) -> None:
    """Named channels and those that only have subscribers; search, kinds, and what is told equals the API."""
    await hub.publish("deploys", "deploy", {"n": 1})
    async with hub.client("alice") as client:
        await client.ask(action="subscribe", channel="user:alice")
        await page.open("channels")
        table, kinds = page.page.get_by_role("table"), page.page.locator(".ant-segmented-item")
        row = table.get_by_role("row").filter(has_text="user:alice")
        await expect(row).to_contain_text("user:alice1")
        await expect(table.get_by_role("row").filter(has_text="prices")).to_contain_text("conflated")
        await expect(table.get_by_role("row").filter(has_text="secret")).to_contain_text("everyone / nobody")
        await expect(row).to_contain_text("members / token")
        await kinds.filter(has_text="Users").click()
        await expect(table.get_by_role("link")).to_have_text(["user:alice"])
        await kinds.filter(has_text="All").click()
        await page.page.get_by_label("Search channels").fill("room:ops")
        await page.is_accessible()
        await page.page.get_by_role("button", name="Open room:ops").click()
        await expect(page.page.get_by_role("heading", level=1)).to_have_text("room:ops")


async def test_messages_are_searched_held_and_looked_into(hub: LiveHub, page: AdminPage) -> None:
    """Messages come newest first; search and pause; one in full with its position and a command; markup stays text."""
    await hub.publish("deploys", "first", {"city": "Bern"})
    placed = await hub.publish("deploys", "second", {"city": "Oslo", "html": HOSTILE})
    await page.open("channels/deploys")
    await expect(_rows(page)).to_have_count(2)
    await expect(_rows(page).first).to_contain_text("Oslo")
    await _rows(page).first.click()
    inspector = page.page.get_by_test_id("inspector")
    assert placed.position is not None
    await expect(inspector).to_contain_text(f"{placed.position.epoch}:{placed.position.offset}")
    await expect(inspector).to_contain_text("onerror=")
    assert await inspector.locator("img, script").count() == 0
    assert await page.page.title() == "Tocsin"
    await page.is_accessible()
    await page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await inspector.get_by_role("button", name="curl").click()
    await expect(inspector.get_by_role("button", name="Copied")).to_be_visible()
    command = await page.page.evaluate("navigator.clipboard.readText()")
    assert command.startswith(f"curl -sS -X POST '{hub.url}/api/publish'")
    await page.page.keyboard.press("/")
    await page.page.keyboard.type("bern")
    await expect(_rows(page)).to_have_count(1)
    await page.page.get_by_placeholder("Search type").fill("")
    await page.page.get_by_role("button", name="Pause").click()
    await hub.publish("deploys", "third", {"city": "Rome"})
    await expect(page.text("1 new meanwhile")).to_be_visible()
    await expect(_rows(page)).to_have_count(2)
    await page.page.get_by_role("button", name="Resume").click()
    await expect(_rows(page).first).to_contain_text("Rome")


async def test_the_form_checks_and_publishes(hub: LiveHub, page: AdminPage) -> None:
    """Wrong JSON, a broken schema, an unexpected type; then a position that equals the API's, and a duplicate."""
    await page.open("channels/scores")
    await page.page.get_by_role("button", name="Publish").click()
    data = page.page.get_by_role("textbox", name="Data", exact=True)
    await page.page.get_by_role("combobox", name="Type", exact=True).fill("alert")
    await data.fill('{\n  "player": \n}')
    await expect(page.text("a value is expected here")).to_be_visible()
    await expect(page.text("3:1")).to_be_visible()
    await data.fill('{"points": -1}')
    await expect(page.page.get_by_role("button", name="/points -1 is less than 0")).to_be_visible()
    await expect(page.text("player is missing")).to_be_visible()
    await page.page.keyboard.press("Control+Enter")
    assert (await page.get("/api/channels/scores"))["offset"] == 0
    await data.fill('{"player": "ann", "points": 1}')
    await expect(page.page.get_by_role("button", name="Publish anyway")).to_be_visible()
    await page.page.get_by_role("combobox", name="Type", exact=True).fill("score")
    await page.page.get_by_label("Idempotency key").fill("once")
    await data.press("Control+Enter")
    state = await page.get("/api/channels/scores")
    await expect(page.text(f"Position {state['epoch']}:1")).to_be_visible()
    await expect(_rows(page)).to_have_count(1)
    await data.press("Control+Enter")
    await expect(page.text("Already published")).to_be_visible()
    await expect(_rows(page)).to_have_count(1)
    await page.is_accessible()
    await page.open("channels/secret")
    await expect(page.page.get_by_role("button", name="Publish")).to_be_disabled()


async def test_history_is_read_by_position_and_cleared(hub: LiveHub, page: AdminPage) -> None:
    """Page after page to the oldest that is kept, from an offset, and gone after it was asked once."""
    for n in range(1, 301):
        await hub.publish("deploys", "tick", {"n": n})
    await page.open("channels/deploys?tab=history")
    kept = page.page.get_by_role("region", name="History")
    lines = kept.get_by_role("button").filter(has_text="tick")
    await expect(lines).to_have_count(100)
    await expect(lines.first).to_contain_text("n: 300")
    for count in (200, 250):
        await kept.get_by_role("button", name="Older ones").click()
        await expect(lines).to_have_count(count)
    await expect(kept).to_contain_text("Offsets 1 to 50 aren't kept any more")
    await page.page.get_by_placeholder("From offset").fill("120")
    await page.page.keyboard.press("Enter")
    await expect(lines.first).to_contain_text("n: 120")
    await page.page.get_by_role("button", name="Clear history").click()
    await expect(page.page.get_by_role("tooltip")).to_contain_text("Clear the history of deploys?")
    await page.page.get_by_role("tooltip").get_by_role("button", name="Clear history").click()
    await expect(kept).to_contain_text("Nothing here")
    assert (await page.get("/api/channels/deploys/history"))["publications"] == []


async def test_people_come_and_go(hub: LiveHub, page: AdminPage) -> None:
    """Who is on a channel, live; members are added and expelled."""
    await page.open("channels/deploys?tab=people")
    await expect(page.panel("Connections")).to_contain_text("this page")
    async with hub.client("visitor") as client:
        await client.ask(action="subscribe", channel="deploys")
        await expect(page.panel("Connections")).to_contain_text("visitor")
    await expect(page.panel("Comings and goings").get_by_role("listitem").first).to_contain_text("leftvisitor")
    await page.open("channels/room:ops?tab=people")
    members = page.panel("Members")
    await members.get_by_role("textbox", name="User").fill("alice")
    await members.get_by_role("button", name="Add").click()
    await members.get_by_role("button", name="Expel alice").click()
    await page.page.get_by_role("tooltip").get_by_role("button", name="Expel").click()
    await expect(members).to_contain_text("Nobody was added")
    assert (await page.get("/api/channels/room:ops/members"))["members"] == []


async def test_a_flood_is_drawn_once_a_frame(hub: LiveHub, page: AdminPage) -> None:
    """At 2,000 messages a second all arrive, the list changes at most once a frame, and has only the rows in view."""
    await page.open("channels/busy")
    await hub.publish("busy", "tick", {"n": 0})
    await expect(_rows(page)).to_have_count(1)
    await page.page.evaluate(_WATCH)
    step = RATE // 100
    for first in range(1, FLOOD, step):
        for n in range(first, first + step):
            await hub.publish("busy", "tick", {"n": n})
        await asyncio.sleep(0.01)
    await expect(page.page.get_by_test_id("received")).to_have_text("4,001 received")
    await expect(_rows(page).first).to_contain_text(f"n: {FLOOD}")
    seen = await page.page.evaluate("seen")
    assert 1 < seen["commits"] <= seen["frames"] + 2
    assert seen["rows"] < 60
