"""A real browser's `EventSource`: it comes back by itself, with its last id, and signs in where it can't send a
header."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import Browser, Page

from tests.integration.api_client import api_of, token_for
from tests.live import LiveHub, running, settings_for, until, with_keys
from tests.proxy import Proxy, proxied

OPEN = """
([url, types]) => {
  const listener = {got: [], kinds: [], ids: [], opened: 0, errors: 0};
  const source = new EventSource(url);
  const take = (event) => {
    const message = JSON.parse(event.data);
    listener.kinds.push(event.type);
    if ("data" in message) { listener.got.push(message.data); listener.ids.push(event.lastEventId); }
    if (message.type === "subscribe") listener.recovered = message.recovered;
    if (message.type === "close") listener.closed = message.code;
  };
  source.onopen = () => { listener.opened += 1; };
  source.onerror = () => { listener.errors += 1; };
  source.onmessage = take;
  for (const type of types) source.addEventListener(type, take);
  window.listener = listener;
  window.source = source;
}
"""

STATE = "() => ({...window.listener, state: window.source.readyState})"

CLOSED = 2


async def visit(chromium: Browser, url: str) -> Page:
    """Open a page of the hub's own origin, in a profile of its own. The API's page opens no WebSocket."""
    page = await (await chromium.new_context()).new_page()
    await page.goto(f"{url}/api/docs")
    return page


async def listen(page: Page, url: str, *types: str) -> None:
    await page.evaluate(OPEN, [url, list(types)])


async def when(page: Page, **expected: Any) -> dict[str, Any]:
    """Wait until the page's listener is as expected; return all of its state."""
    state: dict[str, Any] = {}
    async with asyncio.timeout(20):
        while True:
            state = await page.evaluate(STATE)
            if all(state.get(name) == value for name, value in expected.items()):
                return state
            await asyncio.sleep(0.02)


async def cut(proxy: Proxy, live: LiveHub) -> None:
    """Cut the stream, and wait until the hub knows."""
    before = len(live.hub.connections.closed)
    proxy.cut()
    await until(lambda: not live.hub.connections or len(live.hub.connections.closed) > before)


async def test_it_comes_back_by_itself(chromium: Browser) -> None:
    """Cut again and again, it gets everything that was published, once, in order, on all its channels."""
    async with running(settings_for(events__retry=0.1)) as live, proxied(live.port) as proxy:
        page = await visit(chromium, proxy.url)
        await listen(page, "/events?channels=system_alerts,ai_analysis")
        await when(page, opened=1)
        await until(lambda: len(live.hub.connections) == 1)
        sent: list[Any] = []
        state: dict[str, Any] = {}
        for turn in range(4):
            for number in range(5):
                sent.append([turn, number])
                await live.publish("ai_analysis" if turn % 2 else "system_alerts", "note", sent[-1])
            await when(page, got=sent)
            await cut(proxy, live)
            for number in range(5):  # nobody listens, or somebody does already
                sent.append([turn, "away", number])
                await live.publish("system_alerts", "note", sent[-1])
            state = await when(page, got=sent)
        assert state["opened"] == 5
        assert state["recovered"] is not False
        assert state["ids"][-1].startswith("system_alerts:")
        assert ",ai_analysis:" in state["ids"][-1]


async def test_named_events(chromium: Browser, hub: LiveHub) -> None:
    """With `events=typed` a listener hears its own type; the rest, and the hub's own messages, are plain ones."""
    page = await visit(chromium, hub.url)
    await listen(page, "/events?channels=system_alerts&events=typed", "alert")
    await when(page, opened=1)
    await until(lambda: len(hub.hub.connections) == 1)
    await hub.publish("system_alerts", "alert", 1)
    await hub.publish("system_alerts", "error", 2)
    state = await when(page, got=[1, 2])
    assert state["kinds"] == ["message", "message", "alert", "message"]
    assert state["errors"] == 0


async def test_a_ticket_survives_a_reconnect(chromium: Browser) -> None:
    """The URL has a ticket that was used; the browser has the cookie that belongs to it. Another browser hasn't."""
    async with running(with_keys(events__retry=0.1)) as live, proxied(live.port) as proxy:
        async with api_of(live, token_for(live, "alice")) as api:
            ticket = (await api("POST", "/api/tickets")).json["ticket"]
        url = f"/events?channels=user:alice&ticket={ticket}"
        page = await visit(chromium, proxy.url)
        await listen(page, url)
        await when(page, opened=1)
        await until(lambda: len(live.hub.connections) == 1)
        for turn in range(3):
            await live.publish("user:alice", "note", turn)
            await when(page, got=list(range(turn + 1)))
            await cut(proxy, live)
        await when(page, opened=4)
        assert await page.evaluate("document.cookie") == ""
        thief = await visit(chromium, proxy.url)
        await listen(thief, url)
        state = await when(thief, state=CLOSED)
        assert state["opened"] == 0


async def test_a_session_cookie(chromium: Browser) -> None:
    """`fetch` sets it; then streams need nothing in their URL, and end for good when the user is revoked."""
    async with running(with_keys(events__retry=0.1)) as live, proxied(live.port) as proxy:
        page = await visit(chromium, proxy.url)
        sign_in = "token => fetch('/api/session', {method: 'POST', headers: {Authorization: `Bearer ${token}`}})"
        status = await page.evaluate(f"async token => (await ({sign_in})(token)).status", token_for(live, "alice"))
        assert status == 204
        await listen(page, "/events?channels=user:alice")
        await when(page, opened=1)
        await cut(proxy, live)
        await when(page, opened=2)
        await until(lambda: len(live.hub.connections) == 1)
        await live.publish("user:alice", "note", 1)
        await when(page, got=[1])
        await live.hub.revocations.revoke_user("alice")
        state = await when(page, state=CLOSED)
        assert state["closed"] == 4502


async def test_a_page_of_another_origin_is_kept_out(chromium: Browser, hub: LiveHub) -> None:
    """The browser says where the page is from."""
    async with running(settings_for()) as other:
        page = await visit(chromium, other.url.replace("127.0.0.1", "localhost"))
        await page.route("**/foreign", lambda route: route.fulfill(body="<p>", content_type="text/html"))
        await page.goto(other.url.replace("127.0.0.1", "localhost") + "/foreign")
        await listen(page, f"{hub.url}/events?channels=system_alerts")
        state = await when(page, state=CLOSED)
        assert state["opened"] == 0
        assert hub.hub.connections.ever == 0
