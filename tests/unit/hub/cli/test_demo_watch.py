"""What comes out of the hub during a demo."""

from __future__ import annotations

import asyncio

import pytest

from hub.cli.demo_watch import Watcher
from hub.cli.endpoint import endpoint_of
from hub.cli.exits import Exit, Failure
from tests.live import running, settings_for, until, with_keys


async def test_it_counts_by_channel_and_type() -> None:
    """As a subscriber sees it; channels on which nothing came are missing."""
    async with running(settings_for(system_stats__interval=0.0)) as live:
        watcher = Watcher(endpoint_of(live.url), lambda: None)
        watching = asyncio.create_task(watcher.run())
        await until(lambda: live.hub.engine.registry.counts().get("memory_updates") == 1)
        await live.publish("system_alerts", "alert", {"number": 1})
        await live.publish("system_alerts", "alert", {"number": 2})
        await live.publish("db_pool_stats", "stats_update", {})
        await until(lambda: watcher.seen["db_pool_stats"].count == 1)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    seen = watcher.seen["system_alerts"]
    assert (seen.count, seen.types["alert"], seen.latest) == (2, 2, ("alert", {"number": 2}))
    assert watcher.missing == ["error_firewall", "vector_search", "ai_analysis", "memory_updates"]


async def test_a_hub_that_lets_nobody_in() -> None:
    """Ends it, with the hub's words; trying again wouldn't help."""
    async with running(with_keys()) as live:
        with pytest.raises(Failure) as caught:
            await Watcher(endpoint_of(live.url), lambda: None).run()
    assert caught.value.code in (Exit.REFUSED, Exit.UNREACHABLE)


async def test_a_hub_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo against a hub that restarts goes on."""
    async with running(settings_for()) as live:
        port = live.port
    watcher = Watcher(endpoint_of(f"http://127.0.0.1:{port}"), lambda: None)
    watching = asyncio.create_task(watcher.run())
    await asyncio.sleep(0.2)
    assert not watching.done()
    async with running(settings_for(server__port=port)) as live:
        await until(lambda: live.hub.engine.registry.counts().get("memory_updates") == 1)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
