"""The program in `examples/error_firewall.py`."""

from __future__ import annotations

import asyncio
import sys

import orjson

from channels.model import START
from tests.docs.pages import ROOT
from tests.docs.snippets import environment
from tests.live import running, settings_for

STORY = [
    "failed: no simulator iPhone 15 with iOS 17.0",
    "blocked; instead: iPhone 15 Pro, 17.2",
    "built for iPhone 15 Pro with iOS 17.2",
    "failed: no simulator iPhone 15 with iOS 17.2",
    "built for iPhone 15 with iOS 17.0",
    "5 checks, 1 blocked, 4 passed",
]


async def run(url: str) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "examples/error_firewall.py"),
        cwd=ROOT,
        env={**environment(), "TOCSIN_URL": url},
        stdout=asyncio.subprocess.PIPE,
    )
    lines = (await process.communicate())[0].decode().splitlines()
    assert process.returncode == 0
    return lines


async def test_a_mistake_is_made_once() -> None:
    """What the program prints, and what followers of the channel see, is one story."""
    async with running(settings_for()) as live:
        assert await run(live.url) == STORY
        history = await live.hub.engine.history("error_firewall", None, START, 100)
    told = [(publication.type, orjson.loads(publication.data)) for publication in history.publications]
    assert [type for type, _ in told] == [
        "error_passed",
        "error_recorded",
        "solution_confirmed",
        "error_blocked",
        "error_passed",
        "error_passed",
        "error_recorded",
        "error_passed",
    ]
    blocked = told[3][1]
    assert blocked["error_id"].startswith("ios-build-devicenotfound-")
    assert (blocked["solution"], blocked["status"]) == ("iPhone 15 Pro, 17.2", "blocked")


async def test_it_is_the_same_without_a_hub() -> None:
    """Nothing waits for one."""
    assert await run("http://127.0.0.1:9") == STORY
