"""Telling the hub's own numbers. On sockets: tests/integration/test_hub_stats.py."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from channels.clock import SystemClock
from channels.messages import HubStats
from hub.adapters.adapters import make_adapters
from hub.adapters.hub_stats import HubStatsTeller
from hub.sections.hub_stats import HubStatsOptions
from tests.live import settings_for, until
from tests.message_examples.hub import EXAMPLES
from tests.unit.hub.adapters.surroundings import surroundings


async def test_they_are_told_at_once_and_then_on_a_timer() -> None:
    """On their channel, until the hub's tasks end; each is counted."""
    posts: list[tuple[str, str, Any]] = []
    hub = surroundings(SystemClock(), posts)
    teller = HubStatsTeller(HubStatsOptions(interval=0.01), hub)
    await teller.start()
    await until(lambda: len(posts) >= 3)
    await teller.stop()
    await hub.tasks.stop()
    assert posts[0] == ("hub_stats", "hub_stats", HubStats.model_validate(EXAMPLES["hub_stats"]))
    assert teller.push.outcomes["pushed"] == len(posts)
    assert list(teller.collect()) == []


async def test_a_look_that_fails_is_followed_by_the_next() -> None:
    """One number that can't be had ends nothing."""
    posts: list[tuple[str, str, Any]] = []
    hub = surroundings(SystemClock(), posts)
    failures = iter([OSError("on purpose")])

    async def measure() -> HubStats:
        for failure in failures:
            raise failure
        return HubStats.model_validate(EXAMPLES["hub_stats"])

    await HubStatsTeller(HubStatsOptions(interval=0.01), replace(hub, measure=measure)).start()
    await until(lambda: len(posts) == 1)
    await hub.tasks.stop()


async def test_an_interval_of_0_leaves_them_out() -> None:
    """Nothing is started then."""
    hub = surroundings(SystemClock())
    assert make_adapters(settings_for(), hub).hub_stats is None
    assert make_adapters(settings_for(hub_stats__interval=5.0), hub).hub_stats is not None
    await asyncio.sleep(0)
    assert len(hub.tasks) == 0
