"""The page of the database pool: a real pool on a real PostgreSQL, its resizes with their reasons, and a restart."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import Browser, expect

from channels.push import Push
from hub.notify import Inbox
from integrations.db_pool import DynamicPool, PoolOptions
from tests.browser.admin_page import AdminPage, admin
from tests.live import running, settings_for, until
from tests.postgres_server import database, postgres

__all__ = ["database", "postgres"]

OPTIONS = PoolOptions(
    name="orders",
    minimum=2,
    maximum=8,
    overflow=2,
    sample_interval=0.05,
    grow_cooldown=0.1,
    shrink_cooldown=600.0,
    stats_interval=0.2,
    leak_after=0.15,
    slow_query=0.1,
    notices_per_minute=10_000,
)
HOSTILE = "SELECT pg_sleep(0.12) /* <img src=x onerror=alert(1)> */"
REASONS = {
    "high_utilization": "Utilization stayed high",
    "overflow": "More was wanted than the size",
    "manual": "Somebody asked for it",
}


class Wire:
    """The pool's way to the hub of the moment, and what went over it."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.resizes: list[dict[str, Any]] = []
        self.regular = 0

    def __call__(self, channel: str, type: str, data: Any) -> object:
        if type == "pool_resized":
            self.resizes.append(data.model_dump(mode="json"))
        self.regular += type == "stats_update"
        return self.inbox.put(channel, type, data)


async def _load(pool: DynamicPool, wire: Wire) -> None:
    """Want more connections than there are until the pool has grown twice; hold one, and be slow once."""

    async def borrow() -> None:
        while len(wire.resizes) < 2:
            await pool.fetchval("SELECT pg_sleep(0.02)")

    await asyncio.gather(*(borrow() for _ in range(6)))
    async with pool.acquire() as connection:
        await connection.execute(HOSTILE)
        await asyncio.sleep(2 * OPTIONS.leak_after)  # time itself is what makes a leak


def _printed(page: AdminPage) -> list[str]:
    """The resizes that the page wrote to the browser's console."""
    return [line for line in page.console if line.startswith("📨 收到消息: ") and "pool_resized" in line]


async def _shows_resizes(page: AdminPage, wire: Wire) -> None:
    rows = page.panel("Resize history").locator("tbody tr.ant-table-row")
    await expect(rows).to_have_count(len(wire.resizes))
    for row, said in zip(await rows.all(), reversed(wire.resizes), strict=True):
        await expect(row).to_contain_text(f"{said['old_size']} → {said['new_size']}")
        await expect(row).to_contain_text(REASONS[said["reason"]])
        counts = (said["active_connections"], said["idle_connections"], said["overflow_connections"])
        await expect(row).to_contain_text(" / ".join(map(str, counts)))


async def _shows_what_the_hub_has(page: AdminPage) -> None:
    """The numbers on the page are those of the newest regular message in the hub's history."""
    history = await page.get("/api/channels/db_pool_stats/history?limit=20&reverse=true")
    last = next(item["data"] for item in history["publications"] if item["type"] == "stats_update")
    now = page.page.locator("dl")
    await expect(now.locator("div", has_text="Pool size").first).to_contain_text(str(last["pool_size"]))
    await expect(now.locator("div", has_text="Pool size").first).to_contain_text(f"at most {last['maximum']}")
    totals = {
        "Queries": f"{last['total_queries']:,}",
        "Resizes": str(last["resizes"]),
        "Slow queries": str(last["slow_queries"]),
        "Timeouts": "0",
        "Refused": "0",
        "Connect errors": "0",
        "Lost connections": "0",
        "Failed queries": "0",
        "Leaks suspected": str(last["leaks"]),
    }
    shown = page.panel("Since the start").locator("dl > div")
    await expect(shown.locator("dt")).to_have_text(list(totals))
    await expect(shown.locator("dd")).to_have_text(list(totals.values()))


async def test_a_pool_is_seen_as_it_lives(database: str, chromium: Browser) -> None:
    """From nothing over growth, a slow query and a forgotten connection; another process's pool; a hub's restart."""
    inbox = Inbox()
    wire = Wire(inbox)
    async with running(settings_for(), inbox) as live, admin(live.url, chromium) as page:
        await page.open("database")
        await expect(page.text("No pool has reported yet")).to_be_visible()
        async with DynamicPool(database, OPTIONS, Push(wire)) as pool:
            await _load(pool, wire)
            await _shows_resizes(page, wire)
            await expect(page.panel("Slow queries").locator("code").first).to_contain_text(HOSTILE)
            leak = page.panel("Suspected leaks").locator("tbody tr.ant-table-row").first
            await expect(leak).to_contain_text("test_admin_database.py")
            await leak.get_by_role("button").click()
            await expect(page.panel("Suspected leaks").locator("pre")).to_contain_text("_load")
            assert await page.page.locator("main img").count() == 0
            await until(lambda: pool.numbers().active_connections == 0)
            told = wire.regular
            await until(lambda: wire.regular > told + 1)  # one of them was measured after that, and has been published
            await _shows_what_the_hub_has(page)
            assert len(_printed(page)) == len(wire.resizes)
            assert "channel: db_pool_stats" in _printed(page)[0]

            numbers = {"active_connections": 1, "idle_connections": 2, "overflow_connections": 0, "utilization": 33.3}
            other = {"pool_size": 3, "qps": 0, "avg_query_time": 0, "max_wait_time": 0, "total_queries": 0}
            await live.publish("db_pool_stats", "stats_update", numbers | other | {"pool": "orders", "node": "web-2"})
            await page.page.get_by_label("Pool and process").first.click()
            await page.page.get_by_title("orders · web-2").click()
            await expect(page.page.get_by_role("meter")).to_contain_text("1 in use, size 3")
            await expect(page.panel("Resize history")).to_contain_text("The size hasn't changed")
            await expect(page.panel("Since the start").locator("dl")).to_contain_text("Timeouts–")
            await page.is_accessible()
            await page.open("database")
            await _shows_resizes(page, wire)  # from history, which isn't printed again
            assert len(_printed(page)) == len(wire.resizes)

            await page.page.evaluate("globalThis.loaded = true")
            await live.server.stop()
            await expect(page.page.get_by_test_id("link")).not_to_have_attribute("data-state", "connected")
            wire.inbox = Inbox()
            async with running(settings_for(server__port=live.port), wire.inbox):
                await page.is_live()
                pool.resize(3)
                await _shows_resizes(page, wire)
                assert await page.page.evaluate("globalThis.loaded")
