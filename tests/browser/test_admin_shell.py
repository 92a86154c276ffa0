"""What is around every page of the admin UI: signing in, the menu, the palette, colours, languages, and coming back."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Browser, expect

from channels.clock import SystemClock
from hub.options import Settings
from hub.tokens import Grants, sign
from tests.browser.admin_page import AdminPage, admin
from tests.live import LiveHub, running, settings_for, with_keys

FIRST_LOAD = 400_000
"""Bytes, gzipped, that the first page may take with all that it loads, ECharts left out."""

PAGES = (
    "overview",
    "channels",
    "connections",
    "chat",
    "database",
    "search",
    "firewall",
    "alerts",
    "training",
    "analysis",
    "memory",
)


def _token(settings: Settings, user: str = "ops", *, admin: bool = True, seconds: float = 600.0) -> str:
    return sign(user, Grants(admin=admin), options=settings.auth, clock=SystemClock(), lifetime=seconds)


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
async def test_every_page_is_whole(hub: LiveHub, chromium: Browser, width: int, scheme: str) -> None:
    """Each page opens without a fault, is no wider than its window, and axe finds nothing serious."""
    async with admin(hub.url, chromium, (width, 900), color_scheme=scheme) as page:
        for path in PAGES:
            await page.open(path)
            await expect(page.page.get_by_role("heading", level=1)).to_be_visible()
            await page.page.wait_for_load_state("networkidle")
            await page.fits()
            await page.is_accessible()


@pytest.mark.parametrize(("locale", "title"), [("ru-RU", "Обзор"), ("zh-CN", "系统概览"), ("fr-FR", "Overview")])
async def test_it_speaks_the_browsers_language(hub: LiveHub, chromium: Browser, locale: str, title: str) -> None:
    """English, Russian and Chinese; English for who reads none of them."""
    async with admin(hub.url, chromium, locale=locale) as page:
        await page.open()
        await expect(page.page.get_by_role("heading", level=1)).to_have_text(title)
        await expect(page.page.locator("html")).to_have_attribute("lang", re.compile("^(en|ru|zh)$"))


async def _look_for(page: AdminPage, text: str) -> None:
    await page.page.keyboard.press("Control+k")
    field = page.page.get_by_role("dialog").get_by_role("combobox")
    await expect(field).to_be_focused()
    await page.page.keyboard.type(text)
    await expect(field).to_have_value(text)


async def test_keys_lead_everywhere(hub: LiveHub, chromium: Browser) -> None:
    """Ctrl+K finds pages, channels, colours and languages; `g` and a letter go to a page; a choice is kept."""
    async with admin(hub.url, chromium) as page:
        await page.open()
        heading = page.page.get_by_role("heading", level=1)
        await _look_for(page, "memor")
        await page.page.keyboard.press("Enter")
        await expect(heading).to_have_text("Memory")
        await page.page.keyboard.type("ga")
        await expect(heading).to_have_text("Alerts")
        await _look_for(page, "db_pool")
        await expect(page.page.get_by_role("option", name="db_pool_stats", selected=True)).to_be_visible()
        await page.page.keyboard.press("Enter")
        await expect(page.page).to_have_url(re.compile("/admin/channels/db_pool_stats"))
        await _look_for(page, "中文")
        await page.page.keyboard.press("Enter")
        await expect(page.page.get_by_role("link", name="告警")).to_be_visible()
        await page.page.reload()
        await expect(page.page.get_by_role("link", name="告警")).to_be_visible()
        await page.page.keyboard.press("?")
        await expect(page.page.get_by_role("dialog")).to_contain_text("键盘快捷键")


async def test_a_phone_has_a_menu(hub: LiveHub, chromium: Browser) -> None:
    """On a narrow window the menu is behind a button, and goes away when something was chosen."""
    async with admin(hub.url, chromium, (390, 844)) as page:
        await page.open()
        await page.page.get_by_role("button", name="Menu").click()
        await page.page.get_by_role("link", name="Alerts").click()
        await expect(page.page.get_by_role("heading", level=1)).to_have_text("Alerts")
        await expect(page.page.get_by_role("link", name="Memory")).to_be_hidden()


async def test_the_first_load_is_small(hub: LiveHub, chromium: Browser) -> None:
    """The first page fits into 400 kB; the charts come behind it, and a second visit takes next to nothing."""
    taken = """() => performance.getEntries().reduce(([all, charts], { transferSize = 0, name }) =>
        [all + transferSize, charts + (name.includes("/charts-") ? transferSize : 0)], [0, 0])"""
    async with admin(hub.url, chromium) as page:
        await page.open()
        await page.page.wait_for_load_state("networkidle")
        every, charts = await page.page.evaluate(taken)
        assert 100_000 < every - charts < FIRST_LOAD
        assert charts < FIRST_LOAD / 2
        await page.page.reload()
        await page.is_live()
        await page.page.wait_for_load_state("networkidle")
        assert sum(await page.page.evaluate(taken)) < 20_000


async def test_it_comes_back_after_a_restart(chromium: Browser) -> None:
    """The page says that the hub is gone, and is live again without being loaded anew."""
    async with running(settings_for()) as live:
        port, url = live.port, live.url
        async with admin(url, chromium) as page:
            await page.open()
            await page.page.evaluate("globalThis.loaded = true")
            await live.server.stop()
            await expect(page.page.get_by_test_id("link")).not_to_have_attribute("data-state", "connected")
            await expect(page.page.get_by_role("alert")).to_contain_text("Next attempt in")
            async with running(settings_for(server__port=port)):
                await page.is_live()
                await expect(page.page.get_by_role("alert")).to_be_hidden()
                assert await page.page.evaluate("globalThis.loaded")


async def test_a_hub_with_keys_asks_for_a_token(chromium: Browser) -> None:
    """Without a token there is nothing to see; a wrong one is refused in words; it never stands in an address."""
    settings = with_keys()
    async with running(settings) as live, admin(live.url, chromium) as page:
        requested: list[str] = []
        page.page.on("request", lambda request: requested.append(request.url))
        await page.open("alerts", live=False)
        field = page.page.get_by_label("Token")
        await field.fill("two words")
        await page.page.get_by_role("button", name="Sign in").click()
        await expect(page.text("This is no token")).to_be_visible()
        await field.fill("eyJhbGciOiJIUzI1NiJ9.e30.AAAA")
        await page.page.get_by_role("button", name="Sign in").click()
        await expect(page.page.get_by_text("The hub refused this token", exact=True)).to_be_visible()
        await page.is_accessible()
        token = _token(settings)
        await field.fill(token)
        await page.page.get_by_role("button", name="Sign in").click()
        await page.is_live()
        await expect(page.page.get_by_role("heading", level=1)).to_have_text("Alerts")
        assert not any(token in url for url in requested)
        assert await page.page.evaluate("localStorage.length === 0 || !JSON.stringify(localStorage).includes('eyJ')")
        await page.page.get_by_role("button", name="Account").click()
        await page.page.get_by_text("Sign out").click()
        await expect(field).to_be_visible()
        assert await page.page.evaluate("sessionStorage.getItem('tocsin.token')") is None


async def test_who_is_no_operator_sees_what_the_token_may_see(chromium: Browser) -> None:
    """Operators' pages are no links for others, and say why when somebody goes there all the same."""
    settings = with_keys()
    token = _token(settings, admin=False)
    async with running(settings) as live, admin(live.url, chromium, token=token) as page:
        await page.open()
        await expect(page.page.get_by_role("link", name="Channels")).to_be_visible()
        await expect(page.page.get_by_role("link", name="Connections")).to_have_count(0)
        await page.open("connections")
        await expect(page.page.get_by_text("For operators only").first).to_be_visible()


async def test_the_session_goes_on_with_the_next_token(chromium: Browser) -> None:
    """Before the token ends the page asks for the next one; connection and page stay as they are."""
    settings = with_keys()
    async with running(settings) as live, admin(live.url, chromium, token=_token(settings, seconds=8)) as page:
        await page.open()
        (connection,) = live.hub.connections
        dialog = page.page.get_by_role("dialog")
        await expect(dialog).to_contain_text("The session ends soon", timeout=15_000)
        await dialog.get_by_label("Token").fill(_token(settings))
        await dialog.get_by_role("button", name="Go on").click()
        await expect(dialog).to_be_hidden()
        async with asyncio.timeout(15):
            while (connection.principal.expires or 0.0) - SystemClock().now() < 60:  # noqa: ASYNC110 - a command's effect
                await asyncio.sleep(0.02)
        assert connection.is_open
        await page.is_live()
