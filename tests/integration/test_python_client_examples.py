"""The examples of the Python client, run as their reader runs them."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import tocsin_client
from tests.docs.test_examples import EXAMPLES, cut, started, until
from tests.live import LiveHub, running, settings_for

SOURCE = str(Path(tocsin_client.__file__).parents[1])


async def test_a_follower_misses_nothing(hub: LiveHub) -> None:
    """Of what is published while it is cut off."""
    command = (sys.executable, str(EXAMPLES / "client_follow.py"), hub.url, "ai_analysis", "system_alerts")
    async with started(*command, PYTHONPATH=SOURCE) as program:
        for round in range(3):
            await until(lambda: hub.hub.engine.registry.count("ai_analysis"))
            await until(lambda: hub.hub.engine.registry.count("system_alerts"))
            await cut(hub)
            for n in (1, 2):
                await hub.publish("ai_analysis", "step", 10 * round + n)
            assert [(await program.message())["data"] for _ in range(2)] == [10 * round + 1, 10 * round + 2]


async def test_a_follower_says_that_something_is_missing(hub: LiveHub) -> None:
    """Because history was forgotten meanwhile."""
    command = (sys.executable, str(EXAMPLES / "client_follow.py"), hub.url, "ai_analysis")
    async with started(*command, PYTHONPATH=SOURCE) as program:
        await until(lambda: hub.hub.engine.registry.count("ai_analysis"))
        await hub.publish("ai_analysis", "step", 1)
        assert (await program.message())["data"] == 1
        await cut(hub)
        await hub.hub.broker.forget("ai_analysis")
        await hub.publish("ai_analysis", "step", 2)
        assert await program.line() == "gap on ai_analysis"
        assert (await program.message())["data"] == 2


async def test_a_service_notifies() -> None:
    """Everything has arrived when the program has ended; without a hub it says the same of its work."""
    async with running(settings_for()) as live:
        command = (sys.executable, str(EXAMPLES / "notify_service.py"), "3")
        async with started(*command, PYTHONPATH=SOURCE, TOCSIN_URL=live.url) as program:
            assert [await program.line() for _ in range(2)] == ["built 3", "notified 6"]
            assert await program.line() == ""
        found = await live.hub.engine.history("ai_analysis", None, None, 10)
        assert len(found.publications) == 3
    async with asyncio.timeout(15), started(*command, PYTHONPATH=SOURCE) as program:
        assert [await program.line() for _ in range(2)] == ["built 3", "notified 0"]
