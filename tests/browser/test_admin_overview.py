"""The overview of the admin UI: whether all is well, the hub's numbers, and what happened."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from channels.clock import SystemClock
from hub.tokens import Grants, sign
from tests.browser.admin_page import admin
from tests.live import running, settings_for, with_keys

HOSTILE = "<img src=x onerror=alert(1)>"

OFTEN = {"hub_stats__interval": 0.2, "system_stats__interval": 0.2}


async def test_it_says_whether_all_is_well(chromium: Browser) -> None:
    """An alert turns the state, and its end turns it back; both are told, and what else happened. Numbers are the
    API's. Nothing in a text is run."""
    async with running(settings_for(**OFTEN)) as live, admin(live.url, chromium) as page:
        await page.open("overview")
        state = page.page.get_by_test_id("state")
        await expect(state).to_have_attribute("data-state", "well")
        await expect(page.page.get_by_test_id("processes")).to_have_text("1")
        for number in range(20):
            await page.post("/api/publish", {"channel": "ai_analysis", "type": "note", "data": number})
        stats = await page.get("/api/stats")
        tile = page.page.get_by_test_id("tiles").locator("dl > div")
        await expect(tile.filter(has_text="Connections").first.locator("dd > span").first).to_have_text(
            str(stats["total_clients"])
        )
        await expect(page.page.get_by_role("cell", name=stats["nodes"][0]["node"])).to_be_visible()

        alert = {"name": "disk", "severity": "critical", "summary": f"Disk is full {HOSTILE}"}
        await page.post("/api/alerts", alert)
        await expect(state).to_have_attribute("data-state", "bad")
        await expect(state).to_contain_text(alert["summary"])
        await page.is_accessible()
        await page.post("/api/alerts", alert | {"status": "resolved"})
        await expect(state).to_contain_text("since the last trouble ended")

        resized = {"old_size": 20, "new_size": 24, "reason": "overflow"}
        await page.post("/api/publish", {"channel": "db_pool_stats", "type": "pool_resized", "data": resized})
        activity = page.page.get_by_test_id("activity").get_by_role("listitem")
        await expect(activity.filter(has_text="from 20 to 24")).to_be_visible()
        await expect(activity.filter(has_text="Resolved")).to_contain_text(alert["summary"])
        await page.panel("Activity").get_by_text("Troubles").click()
        await expect(activity.filter(has_text="from 20 to 24")).to_be_hidden()
        assert await page.page.locator("main img").count() == 0
        await activity.get_by_role("link", name="Disk is full").click()
        await expect(page.page.get_by_role("heading", level=1)).to_have_text("Alerts")


async def test_a_restart_shows_and_heals(chromium: Browser) -> None:
    """The state says that the hub is away; with the next process it is well again, and the old one is told of."""
    options = {"color_scheme": "dark"}
    async with running(settings_for(**OFTEN)) as live, admin(live.url, chromium, (390, 844), **options) as page:
        await page.open("overview")
        state = page.page.get_by_test_id("state")
        await expect(state).to_have_attribute("data-state", "well")
        await live.server.stop()
        await expect(state).to_contain_text("can't be reached")
        async with running(settings_for(server__port=live.port, **OFTEN)):
            await page.is_live()
            await expect(state).to_have_attribute("data-state", "well")
            ended = page.page.get_by_test_id("activity").get_by_role("listitem").filter(has_text="ended")
            await expect(ended).to_be_visible(timeout=15_000)
            await expect(page.page.get_by_test_id("processes")).to_have_text("1")
            await page.fits()


async def test_who_is_no_operator_sees_a_few(chromium: Browser) -> None:
    """Without the claim there are the numbers for everybody, and a line about the rest."""
    settings = with_keys(**OFTEN)
    token = sign("alice", Grants(), options=settings.auth, clock=SystemClock(), lifetime=600.0)
    async with running(settings) as live, admin(live.url, chromium, token=token) as page:
        await page.open("overview")
        await expect(page.page.get_by_role("note")).to_contain_text("for operators")
        await expect(page.page.get_by_test_id("state")).to_have_attribute("data-state", "well")
        tile = page.page.locator("dl > div").filter(has_text="Connections").first
        await expect(tile.locator("dd > span").first).to_have_text("1")
        await expect(page.page.get_by_text("Publish to write")).to_have_count(0)
