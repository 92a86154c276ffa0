"""The alerts page of the admin UI: alerts come, are attended to, silenced, and go."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, expect

from tests.browser.admin_page import admin
from tests.live import LiveHub, running, settings_for

PHONE = (390, 844)
HOSTILE = "<img src=x onerror=alert(1)>"


async def test_an_alert_is_seen_attended_to_and_resolved(hub: LiveHub, chromium: Browser) -> None:
    """What another system posts is there at once; the page says the same as the API; nothing in it is run."""
    async with admin(hub.url, chromium) as page:
        await page.open("alerts")
        await expect(page.text("Nothing fires")).to_be_visible()
        posted: dict[str, Any] = {
            "name": "backup_failed",
            "severity": "critical",
            "summary": f"No backup {HOSTILE}",
            "labels": {"host": "db-1"},
            "value": 3.5,
            "threshold": 2,
            "unit": "d",
            "runbook_url": "https://wiki.example/backup",
        }
        await page.post("/api/alerts", posted)
        card = page.panel("Need attention").get_by_role("article")
        await expect(card).to_contain_text(posted["summary"])
        await expect(card).to_contain_text("3.5 of 2 d")
        await expect(card).to_contain_text("host=db-1")
        await expect(card.get_by_role("link", name="Runbook")).to_have_attribute("href", posted["runbook_url"])
        assert await page.page.locator("main img").count() == 0

        await card.get_by_role("button", name="Acknowledge").click()
        await page.page.get_by_label("What is being done").fill("new disk ordered")
        await (
            page.page.get_by_role("dialog")
            .or_(page.page.get_by_role("tooltip"))
            .get_by_role("button", name="Acknowledge")
            .click()
        )
        await expect(card).to_contain_text("new disk ordered")
        (alert,) = (await page.get("/api/alerts"))["alerts"]
        assert alert["acknowledged"]["note"] == "new disk ordered"
        await page.is_accessible()

        await page.post("/api/alerts", posted | {"status": "resolved"})
        await expect(page.panel("Resolved").get_by_role("article")).to_contain_text("lasted")
        await expect(page.text("Nothing fires")).to_be_visible()


async def test_silences_are_made_and_lifted(hub: LiveHub, chromium: Browser) -> None:
    """A silence begun from an alert covers that alert, says until when and by whom, and can be lifted."""
    async with admin(hub.url, chromium) as page:
        await page.post("/api/alerts", {"name": "noise", "summary": "Again", "labels": {"host": "a"}})
        await page.open("alerts")
        await page.page.get_by_role("article").get_by_role("button", name="Silence").click()
        dialog = page.page.get_by_role("dialog")
        await expect(dialog.get_by_label("Which alerts")).to_have_value("name=noise\nhost=a")
        await dialog.get_by_label("Which alerts").fill("nothing")
        await dialog.get_by_role("button", name="Silence").click()
        await expect(dialog).to_contain_text("Expected one name=value a line")
        await dialog.get_by_label("Which alerts").fill("name=noi*")
        await dialog.get_by_label("Why").fill("by design")
        await dialog.get_by_role("button", name="Silence").click()
        await expect(page.page.get_by_role("article")).to_contain_text("Silenced")
        (silence,) = (await page.get("/api/alerts/silences"))["silences"]
        assert (silence["matchers"], silence["comment"]) == ({"name": "noi*"}, "by design")
        await page.page.get_by_role("tab", name="Silences (1)").click()
        await expect(page.page.get_by_text("name=noi*")).to_be_visible()
        await page.page.get_by_role("button", name="Lift").click()
        await page.page.get_by_role("tooltip").get_by_role("button", name="Lift").click()
        await expect(page.text("No silences")).to_be_visible()
        assert (await page.get("/api/alerts/silences"))["silences"] == []


async def test_rules_show_what_was_measured(chromium: Browser) -> None:
    """Each rule shows its state and newest value, with the words and bounds that the API gives."""
    rules = {"always": {"metric": "connections", "threshold": 0.0, "for": 0.0, "severity": "info"}}
    settings = settings_for(alerts__interval=0.2, alerts__rules=rules)
    async with running(settings) as live, admin(live.url, chromium, PHONE, color_scheme="dark") as page:
        await page.open("alerts?tab=rules")
        row = page.page.get_by_role("row", name="always")
        await expect(row).to_contain_text("Firing")
        await expect(row).to_contain_text("1 connections")
        await expect(page.page.get_by_role("row", name="database_away")).to_contain_text("Nothing to measure")
        await page.fits()
        await page.is_accessible()
