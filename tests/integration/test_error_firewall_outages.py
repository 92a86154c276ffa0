"""The error firewall while its database is away, and when it is back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from tests.integration.api_client import api_of
from tests.integration.firewall_hub import DEAD, RECORDS, block, check, firewall_of, guarded, report, with_firewall
from tests.live import running, until
from tests.postgres_server import PostgresServer, database, database_name, postgres

__all__ = ["database", "postgres"]


@asynccontextmanager
async def away(server: PostgresServer, dsn: str) -> AsyncIterator[None]:
    """Let nobody connect to a database as long as the block runs, and cut who is connected."""
    connection = await asyncpg.connect(server.dsn())
    name = database_name(dsn)
    try:
        await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1", name
        )
        yield
    finally:
        await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        await connection.close()


async def test_it_answers_from_memory_meanwhile(postgres: PostgresServer, database: str) -> None:
    """What is known blocks; every verdict says `degraded`, and so do stats and metrics; what happens is kept, and
    written when the database is back."""
    async with guarded(with_firewall(database)) as live, api_of(live) as api:
        firewall = firewall_of(live).firewall
        id = await block(api)
        async with away(postgres, database):
            await until(lambda: bool(firewall.problems))
            verdict = await check(api, DEAD)
            assert (verdict["decision"], verdict["degraded"]) == ("block", True)
            assert "may be out of date" in verdict["why"]
            allowed = await check(api, {"device": "other"})
            assert (allowed["decision"], allowed["degraded"]) == ("allow", True)
            assert (await api("POST", RECORDS, report(operation="meanwhile"))).status == 200
            stats = (await api("GET", "/api/firewall/stats")).json
            assert stats["degraded"] is True
            assert stats["problem"]
            assert "tocsin_firewall_degraded 1.0" in (await api("GET", "/metrics")).body.decode()
            refused = await api("POST", f"{RECORDS}/{id}/retire")
            assert (refused.status, refused.code) == (503, "unavailable")
            assert (await check(api, DEAD))["decision"] == "block"
            assert (await api("GET", "/api/firewall/verdicts")).code == "unavailable"
            details = await api("GET", f"{RECORDS}/{id}")
            assert (details.status, details.json["partial"], details.json["verdicts"]) == (200, True, [])
            assert (await api("PUT", "/api/firewall/environment/x", {"items": []})).code == "unavailable"
        await until(lambda: not firewall.problems and not firewall._parts.books.waiting, 40.0)
        assert (await check(api, DEAD))["degraded"] is False
        assert (await api("POST", f"{RECORDS}/{id}/retire")).status == 200
    async with guarded(with_firewall(database)) as live, api_of(live) as api:
        operations = {one["operation"] for one in (await api("GET", RECORDS)).json["records"]}
        assert operations == {"ios_build", "meanwhile"}


async def test_what_others_did_meanwhile_is_known_afterwards(postgres: PostgresServer, database: str) -> None:
    """No change is lost, although nobody could be told of it."""
    settings = with_firewall(database)
    async with guarded(settings) as here, guarded(settings) as there, api_of(here) as one, api_of(there) as two:
        id = await block(one)
        await until(lambda: firewall_of(there).firewall.index.get(id) is not None)
        async with away(postgres, database):
            await until(lambda: bool(firewall_of(here).firewall.problems))
            await one("POST", RECORDS, report(operation="meanwhile"))
            await two("POST", RECORDS, report(operation="meanwhile"))

        def joined() -> bool:
            found = [
                [entry for entry in firewall_of(live).firewall.index.entries() if entry.operation == "meanwhile"]
                for live in (here, there)
            ]
            return all(len(entries) == 1 and getattr(entries[0], "occurrences", 0) == 2 for entries in found)

        await until(joined, 40.0)


async def test_the_hub_starts_without_its_database(postgres: PostgresServer, database: str) -> None:
    """What isn't known yet can't be allowed: the fail mode says what becomes of it, until it is loaded."""
    async with guarded(with_firewall(database)) as live, api_of(live) as api:
        await block(api)
    for mode, decision in (("open", "warn"), ("closed", "block")):
        settings = with_firewall(database, error_firewall__fail_mode=mode)
        async with away(postgres, database), running(settings) as live, api_of(live) as api:
            await until(lambda: bool(firewall_of(live).firewall.problems))
            assert (await api("GET", "/ready")).status == 200
            verdict = await check(api, {"device": "unheard of"})
            assert (verdict["decision"], verdict["degraded"]) == (decision, True)
    async with away(postgres, database):
        hub = running(with_firewall(database))
        live = await hub.__aenter__()
        await until(lambda: bool(firewall_of(live).firewall.problems))
    try:
        await until(lambda: not firewall_of(live).firewall.problems, 40.0)
        async with api_of(live) as api:
            verdict = await check(api, DEAD)
            assert (verdict["decision"], verdict["degraded"]) == ("block", False)
    finally:
        await hub.__aexit__(None, None, None)
