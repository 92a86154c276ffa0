"""The console of a hub that has lost its broker, or publications."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from channels.model import Position
from tests.browser.console_page import ConsolePage, Frame, visiting
from tests.integration.test_across_degraded import AWAY, Unsteady, unsteady
from tests.live import LiveHub, settings_for

CHANNEL = "system_alerts"

NOON = "2026-11-21T12:00:00.000000Z"


class Scene(NamedTuple):
    """A hub behind an unsteady broker, and its console."""

    hub: LiveHub
    broker: Unsteady
    console: ConsolePage

    def available(self, available: bool) -> None:
        """Take the broker away, or bring it back."""
        self.hub.hub.across.availability.changed(available, AWAY)

    async def note(self, type: str) -> None:
        """Publish, and wait until the page shows it."""
        await self.hub.publish(CHANNEL, type, 1)
        await expect(self.console.rows(type)).to_have_count(1)

    def at(self, offset: int) -> Position:
        return Position(self.broker._streams[CHANNEL].epoch, offset)

    def lose(self, after: int, until: int) -> None:
        """Lose what comes after one offset, up to another one."""
        self.broker._streams[CHANNEL].offset = until
        self.broker.lose(CHANNEL, self.at(after), self.at(until))

    def fact(self, name: str) -> Locator:
        return self.console.page.locator(f"#fact-{name}")

    @property
    def announced(self) -> Locator:
        """What a screen reader was told last."""
        return self.console.page.locator("#announce[role=status]")


@pytest_asyncio.fixture(loop_scope="session")
async def scene(chromium: Browser) -> AsyncIterator[Scene]:
    async with unsteady(settings_for()) as (hub, broker), visiting(hub.url, chromium) as console:
        await console.open()
        yield Scene(hub, broker, console)


async def test_a_hub_without_its_broker_is_degraded(scene: Scene) -> None:
    """The page says that it is connected, and what may be late; it stays, and goes on when the broker is back."""
    console = scene.console
    scene.available(False)
    await expect(console.state).to_have_text("Degraded")
    await expect(console.notice).to_have_attribute("data-kind", "late")
    await expect(console.notice).to_have_text(
        re.compile(r"Connected, degraded: .*lost its broker.*Since \d\d:\d\d:\d\d")
    )
    await expect(scene.announced).to_have_text(re.compile("^Degraded: .*lost its broker"))
    await scene.note("meanwhile")
    await expect(console.page.locator("body")).to_have_attribute("data-phase", "live")
    scene.available(True)
    await expect(console.state).to_have_text("Live")
    await expect(console.notice).to_be_hidden()
    await expect(scene.announced).to_have_text("Live: the hub has its broker back")
    await expect(scene.fact("reconnects")).to_have_text("0")


async def test_a_new_connection_says_it_for_itself(scene: Scene) -> None:
    """It is degraded if the hub says so after its welcome, and only then."""
    console = scene.console
    scene.available(False)
    await expect(console.state).to_have_text("Degraded")
    await console.close(4002)
    await expect(console.state).to_have_text("Reconnecting")
    await expect(console.state).to_have_text("Degraded")
    console.from_hub = lambda frame: None if frame["type"] == "degraded" else frame
    await console.close(4002)
    await expect(scene.fact("reconnects")).to_have_text("2")
    await expect(console.state).to_have_text("Live")
    await expect(console.notice).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_degraded_has_a_colour_of_its_own(scene: Scene, scheme: str) -> None:
    """In both themes, unlike those of other states, and easy to read."""
    page = scene.console.page
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    lamp = "getComputedStyle(document.querySelector('.lamp')).backgroundColor"
    colours = {
        await page.evaluate(f"document.body.dataset.phase = {phase!r}, {lamp}")
        for phase in ("live", "waiting", "closed")
    }
    scene.available(False)
    await expect(scene.console.state).to_have_text("Degraded")
    assert len(colours | {await page.evaluate(lamp)}) == 4
    for place in ("notice", "state"):
        style = f"getComputedStyle(document.getElementById({place!r}))"
        assert contrast(await page.evaluate(f"{style}.color"), await page.evaluate(f"{style}.backgroundColor")) >= 4.5


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast of two opaque colours, written as browsers write them: 4.5 is the least for text."""
    low, high = sorted(_luminance(colour) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", colour).groups()]  # type: ignore[union-attr]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


async def test_an_operators_words_are_no_notice(scene: Scene) -> None:
    """A message to one client has data, and any type at all."""
    scene.console.push({"type": "degraded", "data": {"reason": "x"}, "timestamp": NOON})
    await scene.note("after")
    await expect(scene.console.state).to_have_text("Live")


async def test_a_gap_stands_between_the_messages(scene: Scene) -> None:
    """It says what is lost, is counted once, and the page goes on after it, in the next connection, too."""
    await scene.note("seen")
    scene.lose(after=1, until=9)
    await expect(scene.console.rows("Gap: offsets 2 to 9 are lost")).to_have_count(1)
    await scene.console.close(4002)
    await expect(scene.fact("reconnects")).to_have_text("1")
    await expect(scene.console.state).to_have_text("Live")
    await expect(scene.console.page.locator(".channel[data-state=on]")).to_have_count(1)
    asked = [frame for frame in scene.console.sent if frame["action"] == "subscribe"][-1]
    assert asked["since"] == {"epoch": scene.at(9).epoch, "offset": 9}
    await scene.note("next")
    await expect(scene.console.rows("Gap")).to_have_count(1)
    await expect(scene.fact("gaps")).to_have_text("1")


async def test_a_channel_that_began_anew_is_one_gap(scene: Scene) -> None:
    """What comes next in the new epoch is no second one; a hole in it is."""
    await scene.note("seen")
    scene.console.push({"type": "gap", "channel": CHANNEL, "epoch": "anew", "offset": 4, "timestamp": NOON})
    await expect(scene.console.rows("the channel began anew")).to_have_count(1)
    for offset, gaps in ((5, "1"), (6, "1"), (8, "2")):
        scene.console.push(_publication(f"n{offset}", "anew", offset))
        await expect(scene.console.rows(f"n{offset}")).to_have_count(1)
        await expect(scene.fact("gaps")).to_have_text(gaps)
    await expect(scene.console.rows("1 missing here, from offset 7")).to_have_count(1)


def _publication(type: str, epoch: str, offset: int) -> Frame:
    return {"type": type, "channel": CHANNEL, "data": 1, "timestamp": NOON, "epoch": epoch, "offset": offset}


async def test_a_gap_that_is_none_is_not_told(scene: Scene) -> None:
    """What was seen isn't lost, and a channel that the page isn't on is none of its business."""
    await scene.note("one")
    await scene.note("two")
    scene.console.push({"type": "gap", "channel": CHANNEL, **_position(scene.at(1)), "timestamp": NOON})
    scene.console.push({"type": "gap", "channel": "ai_analysis", **_position(scene.at(9)), "timestamp": NOON})
    await scene.note("three")
    await expect(scene.console.rows("Gap")).to_have_count(0)


def _position(position: Position) -> dict[str, object]:
    return {"epoch": position.epoch, "offset": position.offset}


async def test_what_was_withheld_is_no_hole(scene: Scene) -> None:
    """The hub sends a position in its place."""
    await scene.note("seen")

    def withhold(frame: Frame) -> Frame:
        return (
            {"type": "position", **{k: frame[k] for k in ("channel", "epoch", "offset")}}
            if frame["type"] == "own"
            else frame
        )

    scene.console.from_hub = withhold
    await scene.hub.publish(CHANNEL, "own", 1)
    await scene.note("next")
    await expect(scene.console.rows("Gap")).to_have_count(0)


async def test_the_form_says_that_a_message_waits(scene: Scene) -> None:
    """The hub has accepted it and publishes it later; it has reached nobody and has no position."""
    scene.broker.away = True
    page = scene.console.page
    await page.fill("#publish-channel", CHANNEL)
    await page.fill("#publish-type", "hello")
    await page.click("#publish-send")
    result = page.locator("#publish-result[data-kind=late]")
    await expect(result).to_contain_text("Queued: the broker is away")
    await expect(result).to_contain_text("It is published when the broker is back")
    await expect(result).not_to_contain_text("Reached")


async def test_it_fits_a_phone(scene: Scene) -> None:
    """With the notice and two processes nothing scrolls sideways."""
    await scene.console.page.set_viewport_size({"width": 360, "height": 640})
    for node in ("n-a", "n-b"):
        await scene.hub.publish(CHANNEL, "system_stats", {"node": node, "total_requests": 1})
    scene.available(False)
    await expect(scene.console.notice).to_be_visible()
    await expect(scene.console.page.locator("#system-nodes")).to_be_visible()
    content, window = await scene.console.width()
    assert content <= window
