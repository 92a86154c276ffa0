"""Chat in the admin UI: from an account to answers with citations, as they come, whatever interrupts them."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.agents_kit import agents_dsn, agents_hub, agents_template
from tests.browser.admin_page import AdminPage, admin
from tests.live import LiveHub, running, settings_for, until
from tests.llm_double import llm_double, refuses, says
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres"]

pytestmark = pytest.mark.timeout(180)
"""Seconds: each test starts a browser, and a database with its tables."""

PASSWORD = "correct horse battery staple"

HOSTILE = (
    "<script>globalThis.owned = 1</script>\n\n<img src=x onerror='globalThis.owned = 1'>\n\n"
    "[press](javascript:globalThis.owned=1) ![pixel](https://evil.example/p.png)\n\n"
)


async def _register(page: AdminPage, email: str = "ada@example.org") -> None:
    await page.page.get_by_text("Create account").first.click()
    await page.page.get_by_label("E-mail").fill(email)
    await page.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.page.get_by_role("button", name="Create account").click()


async def _ask(page: Page, text: str) -> None:
    field = page.get_by_label("Message", exact=True)
    await field.fill(text)
    await field.press("Enter")


def _answers(page: Page) -> Locator:
    return page.get_by_role("article", name=re.compile("^Answer of"))


async def _said(page: Page) -> list[str]:
    return await page.get_by_role("log").locator("li").all_inner_texts()


async def test_from_an_account_to_an_answer_with_a_citation(agents_dsn: str, chromium: Browser) -> None:
    """Who registers gets agents, tells one something, and is answered from its memory; another tab shows the same."""
    async with agents_hub(agents_dsn) as live, admin(live.url, chromium) as page:
        tab = page.page
        await page.open("chat", live=False)
        await _register(page)
        await tab.get_by_role("button", name="Add a starter team").click()
        await expect(tab.get_by_role("radio", name=re.compile("coder"))).to_be_visible()
        field = tab.get_by_label("Message", exact=True)
        await field.press_sequentially("@cod")
        await expect(tab.get_by_role("option", name=re.compile("^coder"))).to_be_visible()
        await field.press("Enter")
        await field.press_sequentially("The deploy server is called heron-7.")
        await field.press("Enter")
        await expect(_answers(tab)).to_have_count(1)
        await expect(_answers(tab).first).to_have_attribute("aria-busy", "false")
        await expect(tab.get_by_role("heading", name=re.compile("heron-7"))).to_be_visible()
        await _ask(tab, "What is the deploy server called?")
        await expect(_answers(tab)).to_have_count(2)
        answer = _answers(tab).last
        await expect(answer).to_contain_text("heron-7")
        await expect(answer).to_have_attribute("aria-busy", "false")
        second = await tab.context.new_page()
        await second.goto(tab.url)
        await expect(_answers(second)).to_have_count(2)
        await page.is_accessible()
        await answer.get_by_role("list", name="Memories").get_by_role("button").first.click()
        await expect(tab.get_by_role("dialog")).to_contain_text("The deploy server is called heron-7.")
        await tab.get_by_role("link", name="Show in the agent's memory").click()
        await expect(tab.get_by_role("dialog").get_by_label("Text")).to_have_value(re.compile("heron-7"))
        await second.close()


def _open_hub(dsn: str, url: str, folder: Path) -> dict[str, Any]:
    """Options of a hub without keys, whose agents ask the model at `url`."""
    return {
        "agents__enabled": True,
        "agents__providers": {"local": {"base_url": url, "models": ["double-1"]}},
        "agents__key_file": str(folder / "accounts.key"),
        "database__url": dsn,
    }


async def _up(live: LiveHub) -> None:
    agents = live.hub.adapters.agents
    assert agents is not None
    await until(lambda: agents.ready)


async def test_an_answer_goes_on_whatever_happens(agents_dsn: str, chromium: Browser, tmp_path: Path) -> None:
    """On an open hub, where everything else needs no account: an answer is shown as it comes, the same in two tabs and
    after a reload in its middle; who is elsewhere is told that it came; it can be stopped; what is hostile in it stays
    text; a failed one says why, and can be tried again, also when the hub was started anew."""
    half, never = asyncio.Event(), asyncio.Event()
    steps = (says("Half ", half, HOSTILE, "done."), says("Begun ", never), refuses(400, "not that"), says("At last."))
    async with llm_double(*steps) as double:
        options = _open_hub(agents_dsn, double.url, tmp_path)
        async with running(settings_for(**options)) as live:
            await _up(live)
            port, url = live.port, live.url
            async with admin(url, chromium) as page:
                tab = page.page
                await page.open("chat")
                await _register(page)
                await tab.get_by_role("button", name="Add a starter team").click()
                await _ask(tab, "Tell me")
                await expect(_answers(tab).last).to_contain_text("Half")
                await tab.reload()
                await expect(_answers(tab).last).to_contain_text("Half")
                second = await tab.context.new_page()
                await second.goto(tab.url)
                await expect(_answers(second).last).to_contain_text("Half")
                await second.get_by_role("button", name="New chat").click()
                await expect(second.get_by_role("link", name=re.compile("Tell me.*answering"))).to_be_visible()
                half.set()
                await expect(second).to_have_title(re.compile(r"^\(1\) "))
                await second.get_by_role("link", name=re.compile("Tell me.*new answer")).click()
                await expect(second).to_have_title(re.compile("^Tell me"))
                for one in (tab, second):
                    await expect(_answers(one).last).to_contain_text("done.")
                    await expect(_answers(one).last).to_have_attribute("aria-busy", "false")
                    await expect(_answers(one).last.locator("script, img")).to_have_count(0)
                    assert await one.evaluate("globalThis.owned") is None
                assert len(await _said(tab)) == len(await _said(second)) == 2
                await second.close()
                await _ask(tab, "And more")
                await expect(_answers(tab).last).to_contain_text("Begun")
                await tab.get_by_label("Message", exact=True).press("Escape")
                await expect(_answers(tab).last).to_have_attribute("data-status", "cancelled")
                await _ask(tab, "Fail")
                await expect(_answers(tab).last.get_by_role("alert")).to_contain_text("There is no answer")
                await live.server.stop()
                await tab.get_by_label("Message", exact=True).fill("While it is away")
                async with running(settings_for(**options, server__port=port)) as again:
                    await _up(again)
                    await _answers(tab).last.get_by_role("button", name="Try again").click()
                    await expect(_answers(tab).last).to_contain_text("At last.", timeout=20_000)
                    await expect(tab.get_by_label("Message", exact=True)).to_have_value("While it is away")
                    await tab.get_by_role("link", name="Connections").click()
                    await expect(tab.get_by_role("heading", level=1)).to_have_text("Connections")


async def _remember(page: Page, text: str) -> None:
    await page.get_by_role("button", name="Add").click()
    await page.get_by_role("dialog").get_by_label("Text").fill(text)
    await page.get_by_role("dialog").get_by_role("button", name="Add").click()
    await expect(page.get_by_role("button", name=text)).to_be_visible()
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def _choose(page: Page, entry: str) -> None:
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name=entry).click()


async def _tend(page: Page) -> None:
    """Pin, correct, save and forget what an agent remembers; in the end it remembers nothing."""
    await _remember(page, "The heron wakes at six.")
    row = page.get_by_role("listitem").filter(has=page.get_by_role("button", name="The heron wakes at"))
    await row.get_by_role("button", name="Pin: never forgotten by itself").click()
    await expect(row.get_by_role("button", name="Unpin")).to_have_attribute("aria-pressed", "true")
    await _remember(page, "The crane is late.")
    await page.get_by_text("Pinned", exact=True).click()
    await expect(page.get_by_role("button", name="The crane is late.")).to_be_hidden()
    await row.get_by_role("button", name="The heron wakes at").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Text").fill("The heron wakes at seven.")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("button", name="The heron wakes at seven.")).to_be_visible()
    async with page.expect_download() as download:
        await _choose(page, "Save all as a file")
    saved = [json.loads(line) for line in (await (await download.value).path()).read_text("utf-8").splitlines()]
    assert {one["text"]: one["pinned"] for one in saved} == {
        "The heron wakes at seven.": True,
        "The crane is late.": False,
    }
    await row.get_by_role("button", name="The heron wakes at").click()
    await dialog.get_by_role("button", name="Forget").click()
    await page.get_by_role("dialog", name="Forget this?").get_by_role("button", name="Forget").click()
    await expect(page.get_by_text("Nothing fits")).to_be_visible()
    await page.get_by_text("All", exact=True).click()
    await expect(page.get_by_role("button", name="The crane is late.")).to_be_visible()
    await _choose(page, "Forget everything")
    await page.get_by_role("dialog").get_by_role("button", name="Forget everything").click()
    await expect(page.get_by_text("Nothing remembered yet")).to_be_visible()


async def test_a_phone_shows_one_thing_at_a_time(agents_dsn: str, chromium: Browser) -> None:
    """At 390 pixels: the list, then the conversation, then back; agents are made, changed and deleted, and what they
    remember is pinned, corrected, saved and forgotten; nothing is wider than the window; axe finds nothing serious."""
    size = (390, 844)
    async with agents_hub(agents_dsn) as live, admin(live.url, chromium, size, color_scheme="dark") as page:
        tab = page.page
        await page.open("agents", live=False)
        await _register(page)
        await tab.get_by_role("button", name="New agent").click()
        name = tab.get_by_label("Name", exact=True)
        await name.fill("two words")
        await tab.get_by_role("button", name="Create agent").click()
        await expect(tab.get_by_text("1 to 64 letters")).to_be_visible()
        await name.fill("helper")
        await tab.get_by_role("button", name="Create agent").click()
        await expect(tab.get_by_role("heading", level=1)).to_have_text("helper")
        await page.fits()
        await page.is_accessible()
        await tab.get_by_role("tab", name="Memory").click()
        await _tend(tab)
        await _remember(tab, "The owl sleeps at noon.")
        await page.is_accessible()
        await page.open("chat")
        await tab.get_by_role("button", name="New chat").click()
        await _ask(tab, "When does the owl sleep?")
        await expect(_answers(tab).last).to_contain_text("noon")
        await page.fits()
        await page.is_accessible()
        await tab.get_by_role("link", name="Chats").click()
        await expect(tab.get_by_role("link", name=re.compile("When does the owl sleep"))).to_be_visible()
        await expect(_answers(tab)).to_have_count(0)
        await page.fits()
        await page.open("agents")
        await tab.get_by_role("link", name=re.compile("^helper")).click()
        await tab.get_by_role("button", name="Delete").click()
        remove = tab.get_by_role("dialog").get_by_role("button", name="Delete")
        await expect(remove).to_be_disabled()
        await tab.get_by_label("Name of the agent").fill("helper")
        await remove.click()
        await expect(tab.get_by_text("No agents yet")).to_be_visible()
