"""Alerts of two processes on one Valkey, as subscribers of either see them."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from tests.integration.test_alerts import AT_ONCE, OTHERS, next_alert
from tests.integration.two_hubs import two
from tests.live import LiveHub, running, until

RULES: dict[str, Any] = {name: {"enabled": False} for name in OTHERS} | {
    "host_memory": {**AT_ONCE, "threshold": 0.001},
    "clients": {**AT_ONCE, "metric": "connections", "threshold": 1.0},
}
OPTIONS: dict[str, Any] = {"alerts__interval": 0.05, "alerts__rules": RULES, "alerts__lease": 1.0}


async def _rows(live: LiveHub, **query: str) -> list[dict[str, Any]]:
    async with aiohttp.ClientSession(live.url) as http, http.get("/api/alerts", params=query) as answer:
        rows: list[dict[str, Any]] = (await answer.json())["alerts"]
        return rows


async def test_one_alert_for_one_machine_whoever_lives() -> None:
    """Both find it, one tells; when that one is gone, the other goes on with the same alert."""
    async with two(**OPTIONS) as (_, a, b), b.client() as client:
        await client.ask(action="subscribe", channel="system_alerts", since={"epoch": "", "offset": 0})
        fired = await next_alert(client, "firing")
        owner, heir = (a, b) if fired["source"] == a.hub.across.node else (b, a)
        for live in (a, b):
            await until(lambda live=live: live.hub.adapters.monitor.watch.turns > 10)  # type: ignore[misc]
            assert [row["alert_id"] for row in await _rows(live)] == [fired["alert_id"]]
        watching = owner.hub.adapters.monitor._watching
        assert watching is not None
        watching.cancel()  # as if it had died: it says nothing any more
        book = heir.hub.adapters.monitor.desk.book
        await until(lambda: {entry.owner for entry in book} == {heir.hub.across.node})
        assert [row["alert_id"] for row in await _rows(b, status="firing")] == [fired["alert_id"]]
        await a.publish("system_alerts", "marker", {})
        assert (await client.receive())["type"] == "marker", "nothing was told in between"


async def test_what_one_process_is_told_all_know() -> None:
    """Acknowledgements, silences and alerts of other systems, over HTTP."""
    async with two(**OPTIONS) as (_, a, b):
        await until(lambda: len(b.hub.adapters.monitor.desk.book) == 1)
        (row,) = await _rows(b, name="host_memory")
        async with aiohttp.ClientSession() as http:
            url = f"{a.url}/api/alerts"
            async with http.post(f"{url}/{row['alert_id']}/acknowledge", json={"note": "on it"}) as answer:
                assert answer.status == 200
            async with http.post(f"{url}/silences", json={"matchers": {"name": "host_*"}, "seconds": 60}) as answer:
                silence = (await answer.json())["id"]
            async with http.post(url, json={"name": "backup", "summary": "None", "severity": "info"}) as answer:
                assert (await answer.json())["published"] == 1
            book = b.hub.adapters.monitor.desk.book
            await until(lambda: len(book) == 2 and bool(book.silences(0.0)))
            host, backup = sorted(await _rows(b, status="firing"), key=lambda row: row["name"], reverse=True)
            assert (host["silenced_by"], host["acknowledged"]["note"]) == ([silence], "on it")
            assert backup["name"] == "backup"
            async with http.post(f"{b.url}/api/alerts", json={"name": "backup", "summary": "None"}) as answer:
                assert (await answer.json())["published"] == 0
            async with http.delete(f"{b.url}/api/alerts/silences/{silence}") as answer:
                assert answer.status == 204
            await until(lambda: not a.hub.adapters.monitor.desk.book.silences(0.0))


async def test_alerts_outlive_a_restart() -> None:
    """A process that starts later has them from Redis, with who takes care of them."""
    async with two(**OPTIONS) as (_, a, b):
        desk = a.hub.adapters.monitor.desk
        async with aiohttp.ClientSession(a.url) as http:
            async with http.post("/api/alerts", json={"name": "backup", "summary": "None"}) as answer:
                (alert_id,) = (await answer.json())["alert_ids"]
            async with http.post(f"/api/alerts/{alert_id}/acknowledge") as answer:
                assert answer.status == 200
        assert desk.book.get(alert_id) is not None
        book = b.hub.adapters.monitor.desk.book
        await until(lambda: getattr(book.get(alert_id), "acknowledgement", None) is not None)
        from_anew = await _anew(a)
        assert from_anew[alert_id] == "operator"


async def _anew(live: LiveHub) -> dict[str, str]:
    """Start one more process with the same settings; return its alerts, and who takes care of each."""
    async with running(live.hub.settings) as later:
        book = later.hub.adapters.monitor.desk.book
        await until(lambda: any(entry.acknowledgement for entry in book))
        return {e.alert.alert_id: e.acknowledgement.by for e in book if e.acknowledgement is not None}


async def test_a_broker_that_is_away() -> None:
    """Each process says so; the publications get out when it is back, firing before resolved."""
    rules = {**RULES, "host_memory": {"enabled": False}, "broker_away": {**AT_ONCE, "threshold": 0.2}}
    async with two(**{**OPTIONS, "alerts__rules": rules}) as (server, a, b), a.client() as client:
        await client.ask(action="subscribe", channel="system_alerts")
        await server.stop()
        for live in (a, b):
            await until(lambda live=live: "broker_away" in _firing(live))  # type: ignore[misc]
        await server.start()
        heard: list[tuple[str, str]] = []
        async with asyncio.timeout(20):
            while len(heard) < 4:
                message = await client.receive()
                if message["type"] == "alert":
                    heard.append((message["data"]["source"], message["data"]["status"]))
        for live in (a, b):
            told = [status for source, status in heard if source == live.hub.across.node]
            assert told == ["firing", "resolved"]


def _firing(live: LiveHub) -> set[str]:
    return {entry.alert.name for entry in live.hub.adapters.monitor.desk.book if entry.firing}
