"""Alerts on a real hub, raised by real causes: a subscriber of `system_alerts` sees each fire and be resolved."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import psutil

from tests.live import Client, LiveHub, running, settings_for, until

AT_ONCE = {"for": 0.0, "clear_for": 0.0, "flap_window": 0.0}
"""No patience: what a rule waits for is tested with a clock of its own."""


@asynccontextmanager
async def watched(rule: str, change: dict[str, Any], **options: Any) -> AsyncIterator[tuple[LiveHub, Client]]:
    """Run a hub that looks at one rule twenty times a second, and follow `system_alerts`."""
    rules = {name: {"enabled": False} for name in OTHERS if name != rule} | {rule: AT_ONCE | change}
    settings = settings_for(alerts__interval=0.05, alerts__window=1.0, alerts__rules=rules, **options)
    async with running(settings) as live, live.client() as client:
        # What fires at the start may have fired before.
        await client.ask(action="subscribe", channel="system_alerts", since={"epoch": "", "offset": 0})
        yield live, client


OTHERS = (
    *("error_rate", "slow_queries", "queue_overflow", "process_memory", "process_cpu", "host_memory", "host_cpu"),
    *("database_connections", "database_away", "host_disk", "broker_away", "loop_lag"),
)


async def next_alert(client: Client, status: str) -> dict[str, Any]:
    """Return the next alert, which has to have this status."""
    while (message := await client.receive())["type"] != "alert":
        pass
    assert message["data"]["status"] == status
    data: dict[str, Any] = message["data"]
    return data


async def test_failing_requests_raise_the_error_rate() -> None:
    """Three real ones in forty; it is resolved when the window has passed without further ones."""
    async with watched("error_rate", {}) as (live, client), aiohttp.ClientSession(live.url) as http:
        await until(lambda: live.hub.adapters.monitor.watch.turns > 1)
        paths = ["/health"] * 37 + ["/api/channels/none", "/nowhere", "/api/channels/none"]
        answers = [(await http.get(path)).status for path in paths]
        assert sum(status >= 400 for status in answers) == 3
        fired = await next_alert(client, "firing")
        assert (fired["name"], fired["threshold"], fired["unit"]) == ("error_rate", 5.0, "%")
        assert 5.0 < fired["value"] <= 100.0
        assert fired["labels"]["node"] == live.hub.across.node
        rules = await (await http.get("/api/alerts/rules")).json()
        (state,) = rules["rules"][0]["nodes"]
        assert state["state"] == "firing"
        resolved = await next_alert(client, "resolved")
        assert (resolved["alert_id"], resolved["reason"]) == (fired["alert_id"], "cleared")
        assert resolved["value"] <= 5.0


async def test_few_failures_raise_nothing() -> None:
    """Five in a hundred are not more than 5 %."""
    async with watched("error_rate", {}) as (live, _), aiohttp.ClientSession(live.url) as http:
        await until(lambda: live.hub.adapters.monitor.watch.turns > 1)
        for path in (["/health"] * 19 + ["/nowhere"]) * 5:
            await http.get(path)
        turns = live.hub.adapters.monitor.watch.turns
        await until(lambda: live.hub.adapters.monitor.watch.turns > turns + 2)
        assert live.hub.adapters.monitor.listing.counts() == {}


async def test_a_queue_that_overflows() -> None:
    """More is notified in one turn of the loop than may wait: the rest is dropped, and the alert gets through."""
    async with watched("queue_overflow", {}, limits__notify_queue=20) as (live, client):
        await until(lambda: live.hub.adapters.monitor.watch.turns > 1)
        taken = [bool(live.hub.inbox.put("ai_analysis", "note", number)) for number in range(50)]
        assert taken.count(False) == 30
        fired = await next_alert(client, "firing")
        assert (fired["name"], fired["value"]) == ("queue_overflow", 100.0)
        assert (await next_alert(client, "resolved"))["alert_id"] == fired["alert_id"]


async def test_memory_of_the_process() -> None:
    """600 MB that are really taken, and given back: more than what other tests leave to be collected meanwhile."""
    gc.collect()
    threshold = psutil.Process().memory_info().rss / 1e6 + 300.0
    async with watched("process_memory", {"threshold": threshold}) as (_, client):
        taken = bytearray(600_000_000)
        taken[::4096] = b"x" * len(range(0, len(taken), 4096))
        fired = await next_alert(client, "firing")
        assert fired["value"] == round(fired["value"], 3) > threshold
        del taken
        assert (await next_alert(client, "resolved"))["value"] <= threshold


async def test_processor_of_the_process_and_of_the_machine() -> None:
    """A loop that computes is seen in both; the machine's is one alert with the machine's name alone."""
    for rule, labels in (("process_cpu", {"host", "node"}), ("host_cpu", {"host"})):
        async with watched(rule, {"threshold": 25.0, "clear": 24.0}) as (_, client):
            work = asyncio.create_task(_compute())
            fired = await next_alert(client, "firing")
            assert fired["value"] > 25.0
            assert set(fired["labels"]) == labels
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


async def _compute() -> None:
    """Take three quarters of a core until cancelled."""
    while True:
        end = time.process_time() + 0.03
        while time.process_time() < end:
            sum(range(1_000))
        await asyncio.sleep(0.005)


async def test_a_loop_that_is_blocked() -> None:
    """By code that computes on it."""
    async with watched("loop_lag", {"threshold": 0.3, "clear": 0.25}) as (live, client):
        await until(lambda: live.hub.adapters.monitor.watch.turns > 1)
        time.sleep(0.8)  # noqa: ASYNC251 - blocking is what is tested
        assert (await next_alert(client, "firing"))["value"] > 0.3
        await next_alert(client, "resolved")


async def test_clients_and_the_disk() -> None:
    """A rule of one's own, and the machine's memory and disk as they are."""
    own = {"metric": "connections", "threshold": 1.0, "summary": "{value} of {threshold}", "labels": {"team": "web"}}
    async with watched("clients", own) as (live, client):
        async with live.client("second"):
            fired = await next_alert(client, "firing")
            assert (fired["summary"], fired["labels"]["team"], fired["severity"]) == ("2 of 1", "web", "warning")
        assert (await next_alert(client, "resolved"))["value"] == 1.0
    for rule in ("host_memory", "host_disk"):
        async with watched(rule, {"threshold": 0.001}) as (_, client):
            assert 0.001 < (await next_alert(client, "firing"))["value"] <= 100.0


async def test_a_hub_that_stops_ends_its_alerts() -> None:
    """Subscribers hear of it before they are closed out."""
    async with watched("process_memory", {"threshold": 1.0}) as (live, client):
        fired = await next_alert(client, "firing")
        stopping = asyncio.create_task(live.hub.adapters.stop())
        resolved = await next_alert(client, "resolved")
        await stopping
    assert (resolved["alert_id"], resolved["reason"]) == (fired["alert_id"], "stopped")


async def test_statistics_of_process_and_machine_are_apart() -> None:
    """Two types on one channel, each with its own fields."""
    settings = settings_for(system_stats__interval=30.0)
    async with running(settings) as live, live.client() as client:
        since = {"epoch": "", "offset": 0}
        await client.ask(action="subscribe", channel="system_alerts", since=since)
        found = {message["type"]: message["data"] for message in [await client.receive(), await client.receive()]}
    assert set(found) == {"system_stats", "host_stats"}
    assert set(found["system_stats"]) == {
        *("total_requests", "successful_requests", "failed_requests", "avg_response_time"),
        *("active_connections", "memory_usage", "cpu_usage", "uptime", "node"),
    }
    assert found["host_stats"]["memory_total"] == round(psutil.virtual_memory().total / 1e6, 1)
