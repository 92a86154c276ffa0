"""The memory page of the admin UI: numbers of all owners, and one's own memories as they change."""

from __future__ import annotations

import json
from typing import Any

from playwright.async_api import Browser, expect

from channels.clock import SystemClock, iso
from channels.model import Draft
from hub.tokens import Grants, sign
from tests.browser.admin_page import admin
from tests.live import LiveHub, running, with_keys

HOSTILE = "<img src=x onerror=alert(1)>"


async def _tell(live: LiveHub, channel: str, type: str, **data: Any) -> None:
    await live.hub.engine.publish(Draft(channel, type, json.dumps(data).encode(), iso(SystemClock().now())))


async def test_memories_are_seen_as_they_change(chromium: Browser) -> None:
    """The page says how memories get told, fills with the first one, finds and opens them; nobody sees others'."""
    settings = with_keys()
    token = sign("alice", Grants(), options=settings.auth, clock=SystemClock(), lifetime=600.0)
    async with running(settings) as live, admin(live.url, chromium, token=token) as page:
        await page.open("memory")
        await expect(page.text("No memory has been told yet")).to_be_visible()
        memory = {"owner": "alice", "memory_id": "m-81", "kind": "preference", "agent": "planner"}
        await _tell(live, "user:alice", "memory_created", summary=f"Reports on Monday {HOSTILE}", **memory)
        await _tell(live, "user:alice", "memory_pruned", owner="alice", count=250, reason="over the limit of 8")
        await _tell(live, "user:bob", "memory_created", **memory | {"owner": "bob", "summary": "a secret"})
        for created in (3, 4):
            counts = {"seconds": 10, "created": created, "changed": 0, "pruned": 250, "deleted": 1}
            await _tell(live, "memory_updates", "memory_counts", **counts)

        numbers = page.page.get_by_test_id("counts").locator("dd > span:first-child")
        await expect(numbers).to_have_text(["7", "0", "500", "2", "−495"])
        rows = page.page.get_by_test_id("changes").get_by_role("listitem")
        await expect(rows).to_have_count(4)
        await expect(page.panel("Why memories went")).to_contain_text("over the limit of 8")
        await expect(page.panel("Yours by agent").get_by_role("row", name="planner")).to_contain_text("1")
        await expect(page.text("a secret")).to_have_count(0)
        await page.is_accessible()

        await page.page.keyboard.press("/")
        await page.page.keyboard.type("MONDAY")
        await expect(rows).to_have_count(1)
        await rows.get_by_role("button").press("Enter")
        dialog = page.page.get_by_role("dialog")
        await expect(dialog).to_contain_text(f"Reports on Monday {HOSTILE}")
        await expect(dialog).to_contain_text("m-81")
        assert await page.page.locator("img[src=x]").count() == 0
        await page.page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        assert "text=MONDAY" in page.page.url
