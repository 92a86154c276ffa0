"""The connections page of the admin UI: who is connected, closing it, and why something did not arrive."""

from __future__ import annotations

import json
import re
from contextlib import AsyncExitStack
from typing import Any

from playwright.async_api import Browser, Locator, expect

from hub.closing import CloseCode
from tests.architecture.tree import ROOT
from tests.browser.admin_page import AdminPage, admin
from tests.integration.api_client import Api, token_for
from tests.integration.test_deliveries import SIZE, bearer, on_news, subscribe, watched, why
from tests.live import until

HOSTILE = "<img src=x onerror=alert(1)>"

TEXTS: dict[str, Any] = json.loads((ROOT / "admin_ui/src/locales/en/connections.json").read_text(encoding="utf-8"))


async def shown(page: AdminPage) -> list[str | None]:
    """Return the sessions on the page, in its order."""
    rows: list[str | None] = await page.page.locator("tr[data-row-key]").evaluate_all(
        "rows => rows.map((row) => row.dataset.rowKey)"
    )
    return rows


async def listed(api: Api, **query: str) -> list[dict[str, Any]]:
    """Return the connections that the API lists."""
    connections: list[dict[str, Any]] = (await api("GET", "/api/connections", params=query)).json["connections"]
    return connections


def row(page: AdminPage, session: str) -> Locator:
    """The row of a session."""
    return page.page.locator(f'tr[data-row-key="{session}"]')


async def confirm(page: AdminPage, button: Locator, name: str) -> None:
    """Press a button, and its namesake in the question that follows."""
    await button.click()
    await page.page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


async def test_the_list_is_the_hubs_and_closes_sockets(chromium: Browser) -> None:
    """The slow one comes first, with its unread bytes; order, search and filter are the API's, and stand in the
    address. What is disconnected is closed. What a client calls itself isn't run."""
    async with watched() as (live, api), on_news(live, "reader") as reader, AsyncExitStack() as stack:
        agent = bearer(live, "bob") | {"User-Agent": HOSTILE}
        bobs = [await stack.enter_async_context(live.client(name, headers=agent)) for name in ("b1", "b2")]
        carol = await stack.enter_async_context(live.client("c1", headers=bearer(live, "carol")))
        for channel in ("news", "prices"):
            await subscribe(carol, channel)
        reader.pause_reading()
        (lagging,) = live.hub.connections.of_client("reader")
        while lagging.queued_bytes < SIZE:
            await api.publish("news", data="x" * SIZE)

        page = await stack.enter_async_context(admin(live.url, chromium, token=token_for(live, "op", admin=True)))
        await page.open("connections")
        slow = row(page, lagging.session)
        await expect(slow).to_contain_text("reader")
        states = await listed(api, sort="queued_bytes")
        assert await shown(page) == [state["session"] for state in states]
        assert states[0]["session"] == lagging.session
        await expect(slow).to_contain_text(f"slow {states[0]['queued_bytes'] / 1000:.3g} kB")
        await page.page.get_by_text("Most channels").click()
        await expect(page.page.locator("tr[data-row-key]").first).to_contain_text("carol")
        assert await shown(page) == [state["session"] for state in await listed(api, sort="channels")]

        on = page.page.get_by_role("combobox", name="On a channel")
        await on.fill("news")
        await expect(row(page, bobs[0].welcome["session"])).to_be_hidden()
        assert await shown(page) == [state["session"] for state in await listed(api, sort="channels", channel="news")]
        await on.fill("")
        await page.page.locator("[data-search]").fill("bob")
        await expect(page.page).to_have_url(re.compile(r"\?sort=channels&search=bob$"))
        await page.page.reload()
        mine = row(page, bobs[0].welcome["session"])
        await mine.get_by_role("button", name="Expand row").click()
        await expect(page.page.get_by_role("definition").filter(has_text=HOSTILE)).to_be_visible()
        assert (await shown(page), await page.page.locator("main img").count()) == (
            [bob.welcome["session"] for bob in bobs],
            0,
        )
        await page.is_accessible()

        await confirm(page, page.page.get_by_role("button", name="Disconnect the user"), "Disconnect")
        await expect(page.text("2 connections closed")).to_be_visible()
        assert {(await bob.closed())[0] for bob in bobs} == {CloseCode.DISCONNECTED}
        await page.page.set_viewport_size({"width": 390, "height": 844})
        await page.page.locator("[data-search]").fill("")
        await expect(slow).to_contain_text("kB")
        await row(page, carol.welcome["session"]).get_by_role("button", name="Expand row").click()
        await page.fits()
        await confirm(page, page.page.get_by_role("button", name="Disconnect", exact=True), "Disconnect")
        assert (await carol.closed())[0] == CloseCode.DISCONNECTED
        await expect(row(page, carol.welcome["session"])).to_be_hidden()
        reader.writer.transport.abort()


async def test_why_it_did_not_arrive(chromium: Browser) -> None:
    """What became of real publications for real sockets, in the hub's words and with its evidence. The question stands
    in the address. Data isn't run."""
    async with (
        watched(limits__queued_bytes=200_000) as (live, api),
        admin(live.url, chromium, token=token_for(live, "op", admin=True)) as page,
    ):
        async with live.client("tab", headers=bearer(live)) as client:
            await subscribe(client, "news")
            epoch = (await api.publish("news", data=HOSTILE))["epoch"]
            await client.receive()
        await until(lambda: not len(live.hub.connections))
        await api.publish("news")
        await page.open("connections?tab=deliveries")
        await page.page.get_by_label("Whose").fill("alice")
        await page.page.get_by_label("Channel").fill("news")
        await page.page.get_by_label("Offset").fill("1")
        await page.page.keyboard.press("Enter")
        answer = page.panel("What became of it").locator("details")
        await expect(answer).to_contain_text(TEXTS["verdict"]["delivered"])
        await expect(answer).to_contain_text(HOSTILE)
        assert await page.page.locator("main img").count() == 0
        await page.page.get_by_label("Offset").fill("2")
        await page.page.keyboard.press("Enter")
        await expect(answer).to_contain_text(TEXTS["verdict"]["not_connected"])
        await expect(answer).to_contain_text((await why(api, "news", 2))["explanation"])
        await expect(answer.get_by_role("listitem").last).to_contain_text("ended with 1000")
        assert page.page.url.endswith("?tab=deliveries&user=alice&channel=news&offset=2")

        async with live.client("tab", headers=bearer(live)) as client:
            await subscribe(client, "news", since={"epoch": epoch, "offset": 1})
            await page.page.reload()
            await expect(answer).to_contain_text((await why(api, "news", 2))["explanation"])
            await expect(answer).to_contain_text("had seen 1 · got 2 to 2 again")
            await expect(page.page.get_by_label("Whose")).to_have_value("alice")
        async with on_news(live, "tab") as reader:
            reader.pause_reading()
            (connection,) = live.hub.connections.of_client("tab")
            while connection.is_open:
                await api.publish("news", data="x" * SIZE)
            reader.writer.transport.abort()
        await until(lambda: not live.hub.connections.of_client("tab"))

        await page.page.get_by_label("Offset").fill("")
        await page.page.get_by_role("button", name="Ask").click()
        lost = await why(api, "news")
        await expect(answer.first).to_contain_text(TEXTS["verdict"]["slow_closed"])
        await answer.first.locator("summary").click()
        await expect(answer.first).to_contain_text(lost["explanation"])
        await expect(answer.first).to_contain_text("ended with 4002 slow consumer")
        newest = (await api("GET", "/api/deliveries?user=alice&channel=news")).json["deliveries"]
        words = [TEXTS["verdict"][each["verdict"]] for each in reversed(newest)]
        await expect(answer.locator("summary")).to_contain_text(words)
        await page.is_accessible()


async def test_it_is_for_operators(chromium: Browser) -> None:
    """Who may not see connections is told so, and nothing is asked in their name."""
    async with watched() as (live, _), admin(live.url, chromium, token=token_for(live, "alice")) as page:
        await page.open("connections")
        await expect(page.page.get_by_role("alert")).to_contain_text("For operators only")
        assert await page.page.get_by_role("tab").count() == 0
