"""The error firewall over HTTP and WebSocket, on a real hub and a real PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from tests.integration.api_client import api_of
from tests.integration.firewall_hub import (
    ALIVE,
    CHECK,
    DEAD,
    RECORDS,
    block,
    check,
    firewall_of,
    guarded,
    next_of,
    report,
    with_firewall,
)
from tests.live import running, settings_for, until
from tests.postgres_server import database, postgres

__all__ = ["database", "postgres"]

SIX = ("error_id", "error_scene", "error_type", "solution", "confidence", "status")
SECRETS = ("hunter2hunter2", "sk-live-0123456789abcdefABCDEF", "s3cr3tPa55word")


async def test_an_error_is_stopped_the_second_time(database: str) -> None:
    """It is recorded, confirmed with its solution, and then blocked before it runs; everybody who listens sees it."""
    async with guarded(with_firewall(database)) as live, api_of(live) as api, live.client() as client:
        await client.ask(action="subscribe", channel="error_firewall")
        assert (await check(api, DEAD))["decision"] == "allow"
        recorded = await api("POST", RECORDS, report())
        assert (recorded.status, recorded.json["status"], recorded.json["occurrences"]) == (200, "observed", 1)
        id = recorded.json["id"]
        assert (await next_of(client, "error_recorded"))["error_id"] == id
        assert (await check(api, DEAD))["decision"] == "warn"
        confirmed = await api("POST", f"{RECORDS}/{id}/confirm", {"solution": {"text": "iPhone 15 Pro, 17.2"}})
        assert (confirmed.status, confirmed.json["status"]) == (200, "confirmed")
        assert (await next_of(client, "solution_confirmed"))["actor"] == "operator"
        verdict = await check(api, DEAD)
        assert (verdict["decision"], verdict["solution"]["text"]) == ("block", "iPhone 15 Pro, 17.2")
        assert verdict["match"]["entry_id"] == id
        told = await next_of(client, "error_blocked")
        assert {name: told[name] for name in SIX} == {
            "error_id": id,
            "error_scene": "ios_build",
            "error_type": "DeviceNotFound",
            "solution": "iPhone 15 Pro, 17.2",
            "confidence": 0.5,
            "status": "blocked",
        }
        assert told["check_id"] == verdict["check_id"]
        assert (await check(api, ALIVE))["decision"] == "allow"


async def test_what_is_known_outlives_the_hub(database: str) -> None:
    """Also what was noted in the moment of stopping."""
    async with guarded(with_firewall(database)) as live, api_of(live) as api:
        id = await block(api)
        await api("POST", RECORDS, report(operation="other"))
    async with guarded(with_firewall(database)) as live, api_of(live) as api:
        assert (await check(api, DEAD))["match"]["entry_id"] == id
        assert {one["operation"] for one in (await api("GET", RECORDS)).json["records"]} == {"ios_build", "other"}


async def test_processes_know_the_same(database: str) -> None:
    """What one learns, the other blocks, within milliseconds; both count the same error in one record."""
    settings = with_firewall(database)
    async with guarded(settings) as here, guarded(settings) as there, api_of(here) as one, api_of(there) as two:
        id = await block(one)
        index = firewall_of(there).firewall.index
        await until(lambda: (entry := index.get(id)) is not None and entry.status == "confirmed", 5.0)
        assert (await check(two, DEAD))["decision"] == "block"
        await asyncio.gather(*((one, two)[n % 2]("POST", RECORDS, report()) for n in range(10)))

        def counted() -> bool:
            entries = [firewall_of(live).firewall.index.get(id) for live in (here, there)]
            return all(getattr(entry, "occurrences", 0) == 11 for entry in entries)

        await until(counted, 10.0)
        retired = await two("POST", f"{RECORDS}/{id}/retire", {"reason": "fixed"})
        assert retired.json["status"] == "retired"
        mine = firewall_of(here).firewall.index
        await until(lambda: (entry := mine.get(id)) is not None and entry.status == "retired", 5.0)
        assert (await check(one, DEAD))["decision"] == "allow"


async def test_a_rule_blocks_what_its_conditions_hold_for(database: str) -> None:
    """Made, confirmed, changed, retired and dropped over HTTP."""
    rules = "/api/firewall/rules"
    body = {
        "operation": "ios_build",
        "error_type": "DeviceNotFound",
        "predicates": [
            {"kind": "equals", "field": "params.device", "argument": "iPhone 15"},
            {"kind": "version", "field": "params.os_version", "argument": ">=17,<17.2"},
        ],
        "solution": {"text": "use 17.2", "params": {"os_version": "17.2"}},
    }
    async with guarded(with_firewall(database)) as live, api_of(live) as api:
        made = (await api("POST", rules, body)).json
        assert (made["status"], [one["kind"] for one in made["predicates"]]) == ("suggested", ["equals", "version"])
        assert (await check(api, DEAD))["decision"] == "warn"
        path = f"{rules}/{made['id']}"
        assert (await api("POST", f"{path}/confirm")).json["status"] == "confirmed"
        verdict = await check(api, {"device": "iPhone 15", "os_version": "17.1.2"})
        assert (verdict["decision"], verdict["rule_id"]) == ("block", made["id"])
        assert (await check(api, {"device": "iPhone 15", "os_version": "17.2"}))["decision"] == "allow"
        changed = await api("PUT", path, {"action": "warn", "reason": "not so bad"})
        assert (changed.json["action"], changed.json["reason"]) == ("warn", "not so bad")
        assert changed.json["solution"]["text"] == "use 17.2"
        assert (await check(api, DEAD))["decision"] == "warn"
        assert (await api("POST", f"{path}/retire")).json["status"] == "retired"
        assert (await check(api, DEAD))["decision"] == "allow"
        assert [rule["id"] for rule in (await api("GET", rules)).json["rules"]] == [made["id"]]
        assert (await api("DELETE", path)).status == 204
        assert (await api("GET", path)).status == 404
        assert (await api("GET", rules)).json["rules"] == []


async def test_a_block_ends_when_the_device_is_there(database: str) -> None:
    """Whoever installs it reports what there is; all processes know it, and know it again after a restart."""
    path = "/api/firewall/environment/ios_simulators"
    covers = {"ios_build": {"name": "params.device", "os": "params.os_version"}}
    pro = {"name": "iPhone 15 Pro", "os": "17.2"}
    settings = with_firewall(database)
    async with guarded(settings) as here, guarded(settings) as there, api_of(here) as one, api_of(there) as two:
        await block(one)
        reported = await one("PUT", path, {"items": [pro], "covers": covers})
        assert (reported.status, reported.json["items"]) == (200, [pro])
        assert (await check(one, DEAD))["decision"] == "block"
        await one("PUT", path, {"items": [pro, {"name": "iPhone 15", "os": "17.0"}], "covers": covers})
        assert (await check(one, DEAD))["decision"] == "allow"
        await until(lambda: len(getattr(firewall_of(there).resources.get("ios_simulators"), "items", ())) == 2, 5.0)
        assert (await check(two, DEAD))["decision"] == "allow"
    async with guarded(settings) as live, api_of(live) as api:
        assert len((await api("GET", path)).json["items"]) == 2
        assert [one["name"] for one in (await api("GET", "/api/firewall/environment")).json["resources"]] == [
            "ios_simulators"
        ]
        assert (await check(api, DEAD))["decision"] == "allow"


async def test_the_books_tell_who_was_answered_what(database: str) -> None:
    """Verdicts and outcomes; an outcome that speaks for the block raises its confidence."""
    async with guarded(with_firewall(database)) as live, api_of(live) as api:
        id = await block(api)
        verdict = await check(api, DEAD)
        await check(api, ALIVE)

        async def verdicts(query: str = "") -> list[Any]:
            async with asyncio.timeout(10):
                while True:
                    found: list[Any] = (await api("GET", f"/api/firewall/verdicts{query}")).json["verdicts"]
                    if found:
                        return found
                    await asyncio.sleep(0.02)

        (blocked,) = await verdicts(f"?decision=block&entry={id}&operation=ios_build")
        assert blocked["verdict"] == verdict
        assert (blocked["actor"], blocked["params"], blocked["node"]) == ("operator", DEAD, live.hub.across.node)
        outcome = {"kind": "worked", "check_id": verdict["check_id"], "reason": "built with the Pro"}
        after = await api("POST", f"{RECORDS}/{id}/outcomes", outcome)
        assert after.json["confidence"]["value"] > 0.6
        newest = (await verdicts("?limit=1"))[0]
        assert newest["verdict"]["decision"] == "allow"
        older = await verdicts(f"?before={newest['at']}")
        assert newest["verdict"]["check_id"] not in [one["verdict"]["check_id"] for one in older]
        await until(lambda: not firewall_of(live).firewall._parts.books.waiting)
        details = (await api("GET", f"{RECORDS}/{id}")).json
        assert [one["verdict"]["check_id"] for one in details["verdicts"]] == [verdict["check_id"]]
        assert [(one["kind"], one["reason"]) for one in details["outcomes"]] == [("worked", "built with the Pro")]
        wrong = await api("POST", f"{RECORDS}/{id}/outcomes", outcome | {"check_id": newest["verdict"]["check_id"]})
        assert wrong.code == "conflict"


async def test_no_secret_reaches_database_or_channel(database: str) -> None:
    """Whatever the parameters, the context or the error's text hold."""
    key, token, password = SECRETS
    async with guarded(with_firewall(database)) as live, api_of(live) as api, live.client() as client:
        await client.ask(action="subscribe", channel="error_firewall")
        params = {"host": f"https://deploy:{password}@example.com", "password": key, "deep": [{"api_key": token}]}
        context = {"headers": {"Authorization": f"Bearer {token}"}, "note": f"password={key}"}
        message = f"401 for {token}, password: {key}"
        body = {"operation": "deploy", "params": params, "context": context}
        recorded = await api("POST", RECORDS, body | {"error_type": "Denied", "message": message})
        answers = [recorded.body, (await api("POST", CHECK, body)).body]
        override = await api("POST", "/api/firewall/override", body | {"reason": f"I have token={token}"})
        outcome = {"kind": "repeated", "reason": f"password={key}"}
        answers += [override.body, (await api("POST", f"{RECORDS}/{recorded.json['id']}/outcomes", outcome)).body]
        told = [await client.receive() for _ in range(3)]
        await until(lambda: not firewall_of(live).firewall._parts.books.waiting)
        answers.append((await api("GET", "/api/firewall/verdicts")).body)
        connection: Any = await asyncpg.connect(database)
        dump = ""
        for table in ("entries", "verdicts", "outcomes", "resources"):
            dump += str([dict(row) for row in await connection.fetch(f"SELECT * FROM error_firewall.{table}")])  # noqa: S608
        await connection.close()
    assert "Denied" in dump
    assert "repeated" in dump
    for secret in SECRETS:
        assert secret not in dump
        assert secret not in str(told)
        assert secret.encode() not in b"".join(answers)


async def test_records_are_found(database: str) -> None:
    """By status, operation and words, page by page; the newest sighting first."""
    async with guarded(with_firewall(database)) as live, api_of(live) as api:
        for n in range(5):
            await api("POST", RECORDS, report(params={"n": n}, operation=f"op{n % 2}", message=f"Fault {n}"))
        await block(api, "Restart IT", operation="op9")

        async def found(query: str) -> tuple[list[str], int]:
            answer = (await api("GET", f"{RECORDS}?{query}")).json
            return [one["message"] for one in answer["records"]], answer["total"]

        assert await found("operation=op1") == (["Fault 3", "Fault 1"], 2)
        assert (await found("status=confirmed"))[1] == 1
        assert (await found("text=restart%20it"))[1] == 1
        assert await found("text=fault&limit=2&offset=1") == (["Fault 3", "Fault 2"], 5)
        assert (await found("text=nothing"))[1] == 0
        assert (await api("GET", f"{RECORDS}?colour=red")).code == "invalid_command"


async def test_a_dry_run_says_what_it_would_do(database: str) -> None:
    """And stops nothing."""
    settings = with_firewall(database, error_firewall__dry_run=True)
    async with guarded(settings) as live, api_of(live) as api, live.client() as client:
        await block(api)
        await client.ask(action="subscribe", channel="error_firewall")
        verdict = await check(api, DEAD)
        assert (verdict["decision"], verdict["would_block"]) == ("warn", True)
        assert (await next_of(client, "error_warned"))["dry_run"] is True
        stats = (await api("GET", "/api/firewall/stats")).json
        assert (stats["dry_run"], stats["would_block"], stats["blocks"]) == (True, 1, 0)


async def test_old_verdicts_are_dropped(database: str) -> None:
    """After error_firewall.retention seconds."""
    settings = with_firewall(database, error_firewall__retention=0.2)
    async with guarded(settings) as live, api_of(live) as api:
        await check(api, DEAD)
        await until(lambda: not firewall_of(live).firewall._parts.books.waiting)
    async with guarded(settings) as live, api_of(live) as api, asyncio.timeout(15):
        while (await api("GET", "/api/firewall/verdicts")).json["verdicts"]:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("enabled", [False, True])
async def test_the_metrics_are_there_when_it_is(database: str, enabled: bool) -> None:
    """And not a word of it otherwise."""
    async with guarded(with_firewall(database)) if enabled else running(settings_for()) as live, api_of(live) as api:
        if enabled:
            await block(api)
            await check(api, DEAD)
        text = (await api("GET", "/metrics")).body.decode()
    assert ("tocsin_firewall_" in text) is enabled
    if enabled:
        assert 'tocsin_firewall_verdicts_total{verdict="block"} 1.0' in text
        assert 'tocsin_firewall_records{status="confirmed"} 1.0' in text
        assert "tocsin_firewall_check_seconds_count 1.0" in text
        assert "tocsin_firewall_degraded 0.0" in text
