"""The pages of `docs/topics/socketio.md` in a real browser, while the real trainer works through real documents."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from tests.browser.js_page import gated
from tests.browser.portal_page import CHANNEL, PORTAL, Portal, bundle_in, portal
from tests.live import LiveHub, running, settings_for, until

pytestmark = pytest.mark.timeout(180)

PATIENCE = 90_000
"""Milliseconds for a training, the start of its process included."""

RUSSIAN = """# СП 999.1325800.2025 Уход за бетоном

## 1 Область применения

1.1 Настоящий свод правил распространяется на уход за бетоном участка {number}.

## 2 Уход за бетоном

2.1 Уход за бетоном начинают сразу после укладки. Поверхность укрывают плёнкой через 2 часа.

2.2 До начала распалубки бетон выдерживают во влажном состоянии не менее 7 суток.
"""

ENGLISH = """Method statement {number}: concreting of the ground slab

1. Preparation
Clean the formwork and check the reinforcement before concreting starts.

2. Curing
Cover the slab within {number} hours. Keep it wet for 7 days. After curing, remove the formwork.
"""


@pytest.fixture(scope="session")
def bundle(node_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle_in(tmp_path_factory.mktemp("portal"))


def write(folder: Path, *numbers: int) -> list[str]:
    """Write a document for each number, Russian or English; return their names."""
    (folder / "documents").mkdir(exist_ok=True)
    names = []
    for number in numbers:
        name, text = (f"{number}.md", RUSSIAN) if number % 2 else (f"{number}.txt", ENGLISH)
        (folder / "documents" / name).write_text(text.format(number=number), encoding="utf-8")
        names.append(name)
    return names


@asynccontextmanager
async def hub_in(folder: Path) -> AsyncIterator[LiveHub]:
    """A hub with the trainer, as the page says."""
    async with running(
        settings_for(rag_trainer__enabled=True, rag_trainer__folder=str(folder), server__origins=[PORTAL])
    ) as live:
        yield live


async def train(live: LiveHub) -> None:
    """Do what `curl -X POST URL/train` does."""
    async with aiohttp.ClientSession() as http, http.post(f"{live.url}/train") as answer:
        assert answer.status == 202


async def listens(live: LiveHub) -> None:
    await until(lambda: live.hub.engine.registry.count(CHANNEL) == 1)


async def shows(page: Portal, names: list[str], trained: int) -> list[str]:
    """Wait for the end; expect all stages of each document once and in order, and return what the page shows."""
    last = re.compile(rf"^✅ \[Этап complete\] complete: {trained} trained")
    await expect(page.page.locator("li").last).to_have_text(last, timeout=PATIENCE)
    await expect(page.page.locator("progress")).to_have_js_property("value", 100)
    lines = await page.lines()
    found = [match.groups() for line in lines if (match := re.match(r"✅ \[Этап (\d+)/14\] (\S+): ", line))]
    assert [pair for pair in found if pair[1] in names] == [
        (str(stage), name) for name in names for stage in range(1, 15)
    ]
    return lines


@pytest.mark.parametrize("plain", [False, True], ids=["socketio", "websocket"])
async def test_a_page_shows_a_real_training(chromium: Browser, bundle: Path, tmp_path: Path, plain: bool) -> None:
    """Each stage of each document is a line, and the bar ends at 100. Opened again, the page begins with the newest
    update, and shows what comes then once."""
    names = write(tmp_path, 1, 2)
    async with hub_in(tmp_path) as live, portal(chromium, bundle, live.url, plain=plain) as page:
        await listens(live)
        await train(live)
        lines = await shows(page, names, 2)
        assert len(lines) == len(set(lines)) == 1 + 2 * 14 + 1  # queued, the stages, complete
        await page.unmount()
        await until(lambda: live.hub.engine.registry.count(CHANNEL) == 0)
        await page.mount(plain=plain)
        await listens(live)
        await expect(page.page.locator("li")).to_have_text([lines[-1]], timeout=20_000)
        more = write(tmp_path, 3)
        await train(live)
        await shows(page, more, 1)


async def test_cuts_during_a_real_training(chromium: Browser, bundle: Path, tmp_path: Path) -> None:
    """Change nothing: the component knows nothing of positions, and shows each line once."""
    names = write(tmp_path, 1, 2, 3, 4)
    async with (
        hub_in(tmp_path) as live,
        gated(live) as gate,
        portal(chromium, bundle, gate.url) as page,
    ):
        await page.connected("websocket")
        await listens(live)
        await train(live)
        for name in names[:3]:
            await expect(page.page.locator("li", has_text=f" {name}: ").nth(2)).to_be_visible(timeout=PATIENCE)
            links = gate.links
            gate.cut()
            await until(lambda links=links: gate.links > links)  # type: ignore[misc]
        lines = await shows(page, names, 4)
        assert len(lines) == len(set(lines))
