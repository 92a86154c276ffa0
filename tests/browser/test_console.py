"""The built-in console in a real browser, against a real hub."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.console_page import ConsolePage, Frame, visiting

MARKUP = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"

NOON = "2026-11-21T12:00:00.000000Z"


class Hub(Protocol):
    """A running hub."""

    url: str


@pytest.fixture
def viewport() -> tuple[int, int]:
    """The size of the window; a test that wants another one parametrises it."""
    return 1440, 900


@pytest_asyncio.fixture(loop_scope="session")
async def console(hub: Hub, chromium: Browser, viewport: tuple[int, int]) -> AsyncIterator[ConsolePage]:
    """The console, not opened yet."""
    async with visiting(hub.url, chromium, viewport) as page:
        yield page


async def test_it_connects_and_loads_only_from_the_hub(console: ConsolePage) -> None:
    """The page is live within moments, on system_alerts, with a round trip measured; nothing comes from elsewhere."""
    await console.open()
    await expect(console.page.locator("#fact-latency")).to_contain_text("ms")
    await expect(console.page.locator(".channel[data-state=on]")).to_contain_text("system_alerts")
    assert [url for url in console.requested if not url.startswith(console.url)] == []


async def test_a_published_message_appears_and_opens(console: ConsolePage) -> None:
    """A message published over HTTP is on the screen with channel and type; a click shows it as pretty JSON."""
    await console.open()
    await console.publish({"disk": "full", "free": 0}, type="alert")
    row = console.rows("alert").filter(has_text="disk")
    await expect(row).to_contain_text("system_alerts")
    await row.click()
    await expect(console.page.locator("#inspector-data")).to_have_text('{\n  "disk": "full",\n  "free": 0\n}')
    await console.page.keyboard.press("Escape")
    await expect(console.page.locator("#inspector")).to_be_hidden()


async def test_numbers_keep_their_digits(console: ConsolePage) -> None:
    """An id beyond a double's precision is shown, formatted and published digit for digit."""
    await console.open()
    page = console.page
    await page.fill("#publish-channel", "system_alerts")
    await page.fill("#publish-type", "big")
    await page.fill("#publish-data", '{"id":12345678901234567890,"ratio":1.50}')
    await page.click("#publish-format")
    await expect(page.locator("#publish-data")).to_have_value('{\n  "id": 12345678901234567890,\n  "ratio": 1.50\n}')
    await page.click("#publish-send")
    await expect(console.rows("12345678901234567890")).to_have_count(1)


async def test_remote_text_is_inert(console: ConsolePage) -> None:
    """Markup stays text wherever remote text is shown, and characters that hide or reorder text become visible."""
    await console.open()
    await console.publish({MARKUP: MARKUP, "reordered": "abc\u202efdp.exe", "bell": "\u0007"}, type=MARKUP)
    row = console.rows("onerror")
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text("\\u202efdp.exe")
    await expect(row).not_to_contain_text("\u202e")
    await row.click()
    await expect(console.page.locator("#inspector-data")).to_contain_text("\\u0007")
    assert await console.page.locator(".row img, .row script, #inspector img, #inspector script").count() == 0
    assert await console.page.title() == "Tocsin console"


async def test_a_publication_can_not_pass_for_a_notice(console: ConsolePage) -> None:
    """A publisher's type is only a word: one that says "unsubscribed" or "error" is a message like any other."""
    await console.open()
    await console.publish({"n": 1}, type="unsubscribed")
    await console.publish({"n": 2}, type="error")
    await expect(console.rows("unsubscribed")).to_have_count(1)
    await expect(console.rows("error")).to_have_count(1)
    await expect(console.page.locator(".channel[data-state=on]")).to_have_count(1)


async def test_search_shows_what_matches(console: ConsolePage) -> None:
    """Search looks at type and data, ignores case, and says how many it left; what comes later is searched too."""
    await console.open()
    await console.publish({"city": "Bern"}, type="first")
    await console.publish({"city": "Oslo"}, type="second")
    await expect(console.rows("Oslo")).to_have_count(1)
    await console.page.fill("#search", "bern")
    await expect(console.rows()).to_have_count(1)
    await console.publish({"city": "Rome"}, type="third")
    await console.publish({"city": "Bern"}, type="fourth")
    await expect(console.rows()).to_have_count(2)
    await console.page.fill("#search", "nowhere")
    await expect(console.page.locator("#empty-title")).to_have_text("Nothing matches")
    await console.page.click("#empty-action")
    await expect(console.rows("Rome")).to_have_count(1)


async def test_pause_holds_the_list_and_counts(console: ConsolePage) -> None:
    """While paused the list stands still and the button counts what came; resuming shows it, clearing empties it."""
    await console.open()
    await console.publish({"n": 1}, type="before")
    await expect(console.rows("before")).to_have_count(1)
    await console.page.click("#pause")
    await console.publish({"n": 2}, type="during")
    await console.publish({"n": 3}, type="during")
    await expect(console.page.locator("#fresh")).to_contain_text("Paused")
    await expect(console.rows("during")).to_have_count(0)
    await console.page.click("#pause")
    await expect(console.rows("during")).to_have_count(2)
    await console.page.click("#clear")
    await expect(console.rows("during")).to_have_count(0)


async def test_a_flood_stays_bounded(console: ConsolePage) -> None:
    """Of 3,000 messages the newest 1,000 are held, and only the rows on the screen exist."""
    await console.open()
    for n in range(1, 3001):
        console.push({"type": "tick", "channel": "system_alerts", "data": {"n": n}, "timestamp": NOON})
    await expect(console.rows("n: 3000")).to_have_count(1)
    await expect(console.page.locator("#feed-count")).to_have_text("1,000 messages")
    assert await console.page.locator(".row").count() < 100


async def test_it_comes_back_and_recovers(console: ConsolePage) -> None:
    """After a dropped socket the page waits the delay it was told, comes back, and shows what it missed, once."""
    await console.open()
    await console.publish({"n": 1}, type="seen")
    await expect(console.rows("seen")).to_have_count(1)
    console.push({"type": "reconnect", "delay_ms": 1500, "reason": "restart"})
    await console.close(1012)
    await expect(console.state).to_have_text("Reconnecting")
    await expect(console.notice).to_contain_text("Trying again in")
    await console.publish({"n": 2}, type="missed")
    await expect(console.state).to_have_text("Live")
    await expect(console.rows("missed")).to_have_count(1)
    await expect(console.rows("seen")).to_have_count(1)
    await expect(console.rows("Recovered")).to_have_count(1)
    await expect(console.page.locator("#fact-gaps")).to_have_text("0")


async def test_a_gap_is_told(console: ConsolePage) -> None:
    """When the hub can't prove recovery, a mark stands between the messages, and the gap is counted."""
    await console.open()
    await console.publish({"n": 1}, type="seen")
    await expect(console.rows("seen")).to_have_count(1)
    console.from_hub = lambda frame: {**frame, "recovered": False} if frame["type"] == "subscribe" else frame
    await console.close(4002)
    await expect(console.rows("may be missing")).to_have_count(1)
    await expect(console.page.locator("#fact-gaps")).to_have_text("1")


async def test_a_hole_in_the_offsets_is_told(console: ConsolePage) -> None:
    """A publication that never came shows as a hole before the next one."""
    await console.open()
    console.from_hub = lambda frame: None if frame["type"] == "lost" else frame
    await console.publish({"n": 1}, type="lost")
    await console.publish({"n": 2}, type="next")
    await expect(console.rows("next")).to_have_count(1)
    await expect(console.rows("1 missing here")).to_have_count(1)


async def test_a_refusal_for_good_is_not_tried_again(console: ConsolePage) -> None:
    """After a close code of 4503 or 4504 the page says why and stays away until it is asked."""
    await console.open()
    await console.close(4504)
    await expect(console.state).to_have_text("Closed")
    await expect(console.notice).to_contain_text("banned")
    await asyncio.sleep(1.5)  # longer than the first backoff
    await expect(console.state).to_have_text("Closed")
    await console.page.click("#notice-action")
    await expect(console.state).to_have_text("Live")


async def test_a_token_is_asked_for_and_kept_out_of_sight(console: ConsolePage) -> None:
    """A token goes out as a message, never in a URL; a refused one is forgotten and the reason shown."""
    console.from_hub = _unauthenticated
    await console.open(live=False)
    await expect(console.page.locator("#signin")).to_be_visible()
    await console.page.fill("#signin-token", "not.a.token")
    await console.page.click("#signin-send")
    await expect(console.page.locator("#signin-error")).not_to_be_empty()
    assert {"action": "authenticate", "token": "not.a.token"}.items() <= console.sent[-1].items()
    assert [url for url in console.requested if "not.a.token" in url] == []
    stored = await console.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "not.a.token" not in stored


def _unauthenticated(frame: Frame) -> Frame:
    return {**frame, "status": "unauthenticated"} if frame["type"] == "connection" else frame


async def test_the_form_publishes(console: ConsolePage) -> None:
    """The form shows the position and the subscribers reached, and the message comes back over the socket."""
    await console.open()
    page = console.page
    await page.fill("#publish-channel", "system_alerts")
    await page.fill("#publish-type", "hello")
    await page.fill("#publish-data", '{"from": "form"}')
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#publish-result")).to_contain_text("Reached 1 subscriber")
    await expect(page.locator("#publish-result")).to_contain_text("Position")
    await expect(console.rows("hello")).to_have_count(1)


async def test_the_form_refuses_what_is_not_json(console: ConsolePage) -> None:
    """Bad JSON is marked at its field and never sent."""
    await console.open()
    await console.page.fill("#publish-channel", "system_alerts")
    await console.page.fill("#publish-type", "hello")
    await console.page.fill("#publish-data", '{"a": }')
    await console.page.click("#publish-send")
    await expect(console.page.locator("#publish-data")).to_have_attribute("aria-invalid", "true")
    await expect(console.page.locator("#publish-data-error")).not_to_be_empty()
    assert [url for url in console.requested if url.endswith("/api/publish")] == []


async def test_the_hubs_refusals_are_shown_in_place(console: ConsolePage) -> None:
    """An unknown channel is explained under the form that named it, both for publishing and for subscribing."""
    await console.open()
    page = console.page
    await page.fill("#publish-channel", "nowhere")
    await page.fill("#publish-type", "hello")
    await page.click("#publish-send")
    await expect(page.locator("#publish-result[data-kind=bad]")).to_contain_text("nowhere")
    await page.fill("#add-name", "nowhere")
    await page.click("#add button")
    await expect(page.locator("#add-error")).to_contain_text("nowhere")


async def test_system_numbers_are_the_hubs_own(console: ConsolePage) -> None:
    """Until system_stats come the strip has no numbers; then it has those, and a dash for each that is absent."""
    console.from_hub = lambda frame: None if frame["type"] == "system_stats" else frame
    await console.open()
    await expect(console.page.locator("#system-status")).to_have_text("Waiting for system_stats")
    assert set(await console.page.locator(".tile .value").all_text_contents()) == {"–"}
    stats = {"total_requests": 18514, "cpu_usage": 9.6, "uptime": 183725}
    console.push({"type": "system_stats", "channel": "system_alerts", "data": stats, "timestamp": NOON})
    await expect(console.page.locator("[data-stat=total_requests] .value")).to_have_text("18,514")
    await expect(console.page.locator("[data-stat=uptime] .value")).to_have_text("2d 3h")
    await expect(console.page.locator("[data-stat=memory_usage] .value")).to_have_text("–")


@pytest.mark.parametrize("viewport", [(390, 844), (360, 640)])
async def test_it_fits_a_phone(console: ConsolePage) -> None:
    """On a phone nothing scrolls sideways, and the three views are one touch apart."""
    await console.open()
    await console.publish({"long": "x" * 500}, type="a_rather_long_type_of_message")
    await expect(console.rows("a_rather_long")).to_have_count(1)
    for view, shown in (("channels", "#add-name"), ("publish", "#publish-send"), ("feed", "#search")):
        await console.page.click(f"[data-show={view}]")
        await expect(console.page.locator(shown)).to_be_visible()
        content, window = await console.width()
        assert content <= window


async def test_the_keyboard_reaches_everything(console: ConsolePage) -> None:
    """A slash leads to the search, arrows walk the messages, and Escape closes the one that is open."""
    await console.open()
    await console.publish({"n": 1}, type="older")
    await console.publish({"n": 2}, type="newer")
    await expect(console.rows("newer")).to_have_count(1)
    page = console.page
    await page.keyboard.press("/")
    await expect(page.locator("#search")).to_be_focused()
    await page.focus("#list")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#inspector-type")).to_have_text("newer")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#inspector-type")).to_have_text("older")
    await page.keyboard.press("Escape")
    await expect(page.locator("#inspector")).to_be_hidden()
