"""The error firewall's page of the admin UI, before a hub with a real firewall on a real PostgreSQL."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.admin_page import AdminPage, admin
from tests.integration.api_client import api_of, token_for
from tests.integration.firewall_hub import RECORDS, firewall_of, guarded, report, with_firewall
from tests.live import LiveHub, until, with_keys
from tests.postgres_server import database, postgres

__all__ = ["database", "postgres"]

OPERATION = "<script>alert(1)</script>"
MESSAGE = "<img src=x onerror=alert(2)> is no device"
SOLUTION = "<b onclick=alert(3)>iPhone 15 Pro</b>"
PARAMS = {"device": "iPhone 15", "os_version": "17.0"}
CALL = {"operation": OPERATION, "params": PARAMS}


def _tile(page: AdminPage, label: str) -> Locator:
    return page.page.locator("dl > div", has=page.page.locator("dt", has_text=label)).locator("dd > span").first


def _events(page: Page) -> Locator:
    return page.get_by_test_id("events").get_by_role("button")


async def _written(live: LiveHub) -> None:
    """Wait until all verdicts are in the books."""
    await until(lambda: not firewall_of(live).firewall._parts.books.waiting)


async def _step(page: Page, button: str, **fields: str) -> None:
    """Take a record a step further in its dialog, and wait until that is gone."""
    await page.get_by_role("button", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    for label, value in fields.items():
        await dialog.get_by_label(label.capitalize(), exact=True).fill(value)
    await dialog.get_by_role("button", name=button, exact=True).click()
    await expect(dialog).to_be_hidden()


async def _ask(page: Page, params: str) -> Locator:
    """Ask in the form whether the operation may run; return the verdict."""
    await page.get_by_label("Operation", exact=True).fill(OPERATION)
    await page.get_by_label("Parameters (JSON)").fill(params)
    await page.get_by_role("button", name="Check").click()
    return page.get_by_test_id("verdict").last


async def test_an_error_is_stopped_overridden_and_retired(database: str, chromium: Browser) -> None:
    """It is seen live, confirmed with a solution, blocked, let run once for a reason, and retired; all that the page
    says is what the API says, and nothing of it is run."""
    async with guarded(with_firewall(database)) as live, admin(live.url, chromium) as admin_page:
        page = admin_page.page
        await admin_page.open("firewall")
        await expect(_tile(admin_page, "False-block rate")).to_have_text("–")
        record = await admin_page.post(RECORDS, report(**CALL, message=MESSAGE))
        await expect(_events(page).first).to_contain_text(f"{record['error_type']}: {MESSAGE}")
        await page.get_by_role("tab", name="Records").click()
        await page.get_by_role("link", name=MESSAGE).click()
        await expect(page.get_by_text("Observed", exact=True)).to_be_visible()

        # Confirmed by somebody else meanwhile, and again here.
        await page.get_by_role("button", name="Confirm", exact=True).click()
        dialog = page.get_by_role("dialog")
        await admin_page.post(f"{RECORDS}/{record['id']}/solution", {"text": "wait"})
        await admin_page.post(RECORDS, report(**CALL, message=MESSAGE))
        await expect(dialog).to_contain_text("operator changed it while this was open. It is now: Suggested.")
        await dialog.get_by_role("button", name="Cancel").click()
        await _step(page, "Confirm", solution=SOLUTION, reason="seen on three machines")
        details = await admin_page.get(f"{RECORDS}/{record['id']}")
        assert (details["record"]["status"], details["record"]["solution"]["text"]) == ("confirmed", SOLUTION)
        await expect(page.locator("[aria-current=step]")).to_contain_text("Confirmed")
        await expect(admin_page.panel("Last change")).to_contain_text("seen on three machines")
        await expect(admin_page.panel("What happened")).to_contain_text(details["record"]["fingerprint"])
        await admin_page.is_accessible()

        await page.get_by_role("tab", name="Check").click()
        verdict = await _ask(page, '{"device": "iPhone 15", "os_version": "17.2"}')
        await expect(verdict).to_have_attribute("data-decision", "allow")
        verdict = await _ask(page, '{"device": "iPhone 15", "os_version": "17.0"}')
        await expect(verdict).to_have_attribute("data-decision", "block")
        await expect(verdict).to_contain_text(SOLUTION)
        await page.get_by_role("button", name="Override").click()
        await dialog.get_by_label("Reason").fill("just installed")
        await dialog.get_by_role("button", name="Override").click()
        await expect(dialog).to_contain_text("Overridden (just installed).")
        await dialog.get_by_role("button", name="Close").last.click()

        await _written(live)
        await page.get_by_role("tab", name="Live").click()
        stats = await admin_page.get("/api/firewall/stats")
        assert (stats["checks"], stats["blocks"], stats["overrides"], stats["passes"]) == (3, 1, 1, 1)
        for label, name in {
            "Checks": "checks",
            "Blocked": "blocks",
            "Passed": "passes",
            "Overridden": "overrides",
        }.items():
            await expect(_tile(admin_page, label)).to_have_text(str(stats[name]))
        await expect(_events(page).nth(0)).to_contain_text("Overridden")
        await expect(_events(page).nth(1)).to_contain_text(OPERATION)
        await expect(page.get_by_test_id("rates")).to_contain_text("Blocked 1 ")
        await admin_page.is_accessible()
        await _events(page).nth(1).click()
        await expect(dialog).to_contain_text(SOLUTION)
        await expect(dialog).to_contain_text('os_version:"17.0"')
        assert await page.locator("main img, [role=dialog] img, main script, main b[onclick]").count() == 0

        await dialog.get_by_role("link", name=record["id"]).click()
        await expect(admin_page.panel("Outcomes")).to_contain_text("just installed")
        await _step(page, "Retire", reason="fixed")
        await expect(page.locator("[aria-current=step]")).to_contain_text("Retired")
        assert (await admin_page.post("/api/firewall/check", CALL))["decision"] == "allow"
        await page.get_by_role("tab", name="Records").click()
        await page.get_by_text("Retired 1").click()
        await expect(page.get_by_role("row")).to_have_count(2)
        await page.get_by_placeholder("Id, type, message or solution").fill("no such text")
        await page.keyboard.press("Enter")
        await expect(admin_page.text("Nothing fits these filters")).to_be_visible()


async def test_rules_are_made_and_refused_in_the_hubs_words(database: str, chromium: Browser) -> None:
    """A rule is made in its form, refused while it is too broad, changed to warn, confirmed and dropped; the books are
    read page by page."""
    size = (390, 844)
    async with guarded(with_firewall(database)) as live, admin(live.url, chromium, size) as admin_page:
        page = admin_page.page
        for number in range(60):
            await admin_page.post("/api/firewall/check", {"operation": "build", "params": {"number": number}})
        await admin_page.open("firewall/rules")
        await page.get_by_role("button", name="Make a rule").click()
        form = page.get_by_role("dialog")
        await form.get_by_role("button", name="Make a rule").click()
        await expect(form.get_by_text("Needed")).to_have_count(3)
        await form.get_by_label("Title").fill("All of them <b>fail</b>")
        await form.get_by_label("Operation").fill("build")
        await form.get_by_label("Error type").fill("E")
        await form.get_by_label("Field", exact=True).fill("params.mode")
        await form.get_by_label("Value", exact=True).fill("release")
        await form.get_by_role("button", name="Make a rule").click()
        drawer = page.get_by_role("dialog", name="All of them")
        await expect(drawer).to_contain_text("params.mode is release")
        (rule,) = (await admin_page.get("/api/firewall/rules"))["rules"]
        assert rule["predicates"] == [
            {"kind": "equals", "field": "params.mode", "argument": "release", "ignore_case": False}
        ]
        await drawer.get_by_role("button", name="Confirm").click()
        dialog = page.get_by_role("dialog", name="Confirm")
        await dialog.get_by_role("button", name="Confirm").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("expected conditions that tell this error from other")
        await dialog.get_by_role("button", name="Cancel").click()

        await drawer.get_by_role("button", name="Change").click()
        change = page.get_by_role("dialog", name="Change")
        await change.get_by_text("Warns", exact=True).click()
        await change.get_by_role("button", name="Save").click()
        await expect(change).to_be_hidden()
        await drawer.get_by_role("button", name="Confirm").click()
        await dialog.get_by_role("button", name="Confirm").click()
        await expect(drawer.locator("[aria-current=step]")).to_contain_text("Confirmed")
        await admin_page.fits()
        await drawer.get_by_role("button", name="Drop").click()
        await page.get_by_role("tooltip").get_by_role("button", name="Drop").click()
        await expect(admin_page.text("There are no rules")).to_be_visible()
        assert (await admin_page.get("/api/firewall/rules"))["rules"] == []

        await _written(live)
        await admin_page.open("firewall/books?decision=allow")
        rows = page.locator("tbody tr[data-row-key]")
        await expect(rows).to_have_count(50)
        await admin_page.fits()
        await page.get_by_role("button", name="Older").click()
        await expect(rows).to_have_count(10)
        oldest = (await admin_page.get("/api/firewall/verdicts?limit=100"))["verdicts"][-1]["verdict"]
        await expect(rows.last).to_have_attribute("data-row-key", oldest["check_id"])


async def test_others_see_what_they_may(database: str, chromium: Browser) -> None:
    """A service that may use the firewall sees its records, and can't press what is for operators."""
    settings = with_keys(error_firewall__enabled=True, database__url=database)
    async with guarded(settings) as live:
        token = token_for(live, "ci", publish=("error_firewall",), subscribe=("error_firewall",))
        async with api_of(live, token) as api, admin(live.url, chromium, token=token) as admin_page:
            record: dict[str, Any] = (await api("POST", RECORDS, report())).json
            await admin_page.open(f"firewall/records/{record['id']}")
            confirm = admin_page.page.get_by_role("button", name="Confirm", exact=True)
            await expect(confirm).to_be_disabled()
            await expect(admin_page.page.get_by_role("button", name="Report outcome")).to_be_enabled()
            await admin_page.page.get_by_role("tab", name="Books").click()
            await expect(admin_page.page.get_by_role("alert")).to_contain_text("For operators only")


async def test_a_hub_without_a_firewall_says_how_to_switch_it_on(hub: LiveHub, chromium: Browser) -> None:
    """What is configured is there to be copied."""
    async with admin(hub.url, chromium) as admin_page:
        await admin_page.open("firewall")
        await expect(admin_page.text("This hub runs no error firewall")).to_be_visible()
        await expect(admin_page.page.locator("pre")).to_contain_text("enabled: true")
        await admin_page.is_accessible()
