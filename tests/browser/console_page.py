"""The console as a reader meets it: one browser page, and the socket between it and the hub in the test's hands."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Error, Locator, Page, WebSocketRoute, expect

Frame = dict[str, Any]


def as_it_is(frame: Frame) -> Frame | None:
    """Let a frame through."""
    return frame


class ConsolePage:
    """The console in a page. Every frame passes through the test, which may change it or keep it back."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.faults: list[str] = []
        self.requested: list[str] = []
        self.sent: list[Frame] = []
        self.from_hub: Callable[[Frame], Frame | None] = as_it_is
        self._socket: WebSocketRoute | None = None
        page.on("pageerror", self._failed)
        page.on("console", self._logged)
        page.on("request", lambda request: self.requested.append(request.url))

    async def open(self, *, live: bool = True) -> None:
        """Go to the console and, unless told otherwise, wait until it is live and subscribed."""
        await self.page.route_web_socket(lambda _url: True, self._route)
        await self.page.goto(self.url)
        if live:
            await expect(self.state).to_have_text("Live")
            await expect(self.page.locator(".channel[data-state=on]")).to_have_text([re.compile("system_alerts")])

    @property
    def state(self) -> Locator:
        """What the page says about its connection."""
        return self.page.locator("#state-text")

    @property
    def notice(self) -> Locator:
        """The line under the header that tells what is wrong."""
        return self.page.locator("#notice")

    def rows(self, text: str = "") -> Locator:
        """The messages and marks on the screen that contain `text`."""
        return self.page.locator(".row:visible", has_text=text)

    async def publish(self, data: object, type: str = "note", channel: str = "system_alerts") -> None:
        """Publish through the hub's HTTP interface, from outside of the page."""
        response = await self.page.request.post(
            f"{self.url}/api/publish", data={"channel": channel, "type": type, "data": data}
        )
        assert response.ok, await response.text()

    def push(self, frame: Frame) -> None:
        """Send the page a frame that the hub didn't send."""
        assert self._socket is not None, "the page has no socket yet"
        self._socket.send(json.dumps(frame))

    async def close(self, code: int, reason: str = "") -> None:
        """Close the page's socket as the hub would."""
        assert self._socket is not None, "the page has no socket yet"
        await self._socket.close(code=code, reason=reason)

    async def width(self) -> tuple[int, int]:
        """How wide the content is, and how wide the window."""
        content: int = await self.page.evaluate("document.documentElement.scrollWidth")
        window: int = await self.page.evaluate("window.innerWidth")
        return content, window

    def _route(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        server = socket.connect_to_server()

        def to_page(message: str | bytes) -> None:
            frame = self.from_hub(json.loads(message))
            if frame is not None and self._socket is socket:
                # What wasn't changed goes on as it came: numbers that a double can't hold must survive the way.
                socket.send(message if frame == json.loads(message) else json.dumps(frame))

        def to_hub(message: str | bytes) -> None:
            self.sent.append(json.loads(message))
            server.send(message)

        server.on_message(to_page)
        socket.on_message(to_hub)

    def _failed(self, error: Error) -> None:
        self.faults.append(str(error))

    def _logged(self, message: ConsoleMessage) -> None:
        # A refused request is logged by the browser itself; everything else that is red is a fault of the page.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(message.text)


@asynccontextmanager
async def visiting(url: str, chromium: Browser, size: tuple[int, int] = (1440, 900)) -> AsyncIterator[ConsolePage]:
    """A browser with the console of the hub at `url`, not opened yet.

    Whatever the test does, the page has no fault and breaks no security policy.
    """
    width, height = size
    async with await chromium.new_context(viewport={"width": width, "height": height}, locale="en-GB") as context:
        page = ConsolePage(await context.new_page(), url.rstrip("/"))
        yield page
    assert page.faults == []
