"""The error firewall on the hub."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from hub.adapters import error_firewall as adapter
from hub.adapters.error_firewall import Firewall, firewall_options
from hub.sections.error_firewall import ErrorFirewallOptions
from hub.wiring import Hub
from integrations.error_firewall.model import FailMode
from integrations.error_firewall.overriding import Override
from integrations.error_firewall.postgres import Resource
from tests.live import LiveHub, running, settings_for, until
from tests.postgres_server import database, postgres
from tests.unit.hub.http.api.calls import put_together

__all__ = ["database", "postgres"]

NOWHERE = "postgresql://127.0.0.1:1/nowhere"


def firewall_of(hub: Hub) -> Firewall:
    firewall = hub.adapters.error_firewall
    assert firewall is not None
    return firewall


@asynccontextmanager
async def started(dsn: str, **options: Any) -> AsyncIterator[tuple[LiveHub, Firewall]]:
    """A hub whose firewall has loaded what is known."""
    async with running(settings_for(error_firewall__enabled=True, database__url=dsn, **options)) as live:
        firewall = firewall_of(live.hub)
        await until(lambda: not firewall.firewall.problems)
        yield live, firewall


def names() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks()}


async def test_a_hub_without_it_has_none() -> None:
    """And no database."""
    adapters = put_together().adapters
    assert (adapters.error_firewall, adapters.database) == (None, None)


async def test_its_options_are_the_section_s() -> None:
    """Each has its place."""
    options = firewall_options(
        ErrorFirewallOptions(
            dry_run=True,
            fail_mode="closed",
            similarity_threshold=0.5,
            entries=1,
            compared=2,
            expiry=3.0,
            quiet_below=0.1,
            demote_below=0.2,
            passed_per_second=4.0,
            recorded_per_second=5.0,
            waiting=6,
        ),
        "n-1",
    )
    assert (options.dry_run, options.fail_mode, options.similarity_threshold) == (True, FailMode.CLOSED, 0.5)
    assert (options.most_entries, options.most_vectors, options.most_notes) == (1, 2, 6)
    assert (options.observed_for, options.quiet_below, options.demote_below) == (3.0, 0.1, 0.2)
    assert (options.passes_per_second, options.records_per_second, options.node) == (4.0, 5.0, "n-1")


async def test_it_starts_and_stops_without_a_database() -> None:
    """It says what is wrong with it; stopping doesn't wait for the database, and leaves no task behind."""
    before = names()
    async with running(settings_for(error_firewall__enabled=True, database__url=NOWHERE)) as live:
        firewall = firewall_of(live.hub)
        assert {"error firewall", "error firewall retention"} <= names()
        verdict = await firewall.check("build", {}, {}, "alice")
        assert (verdict.degraded, verdict.decision) == (True, "warn")
        assert "tocsin_firewall_degraded 1.0" in live.hub.metrics.expose().decode()
    assert names() <= before


async def test_retention_may_be_off() -> None:
    """Then nothing looks for old verdicts."""
    options = {"error_firewall__enabled": True, "database__url": NOWHERE, "error_firewall__retention": 0}
    async with running(settings_for(**options)):
        assert "error firewall retention" not in names()


async def test_verdicts_that_are_old_are_dropped(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them, batch by batch."""
    monkeypatch.setattr(adapter, "PRUNE_BATCH", 2)
    async with started(database, error_firewall__retention=0.5) as (_, firewall):
        for _ in range(5):
            await firewall.check("build", {}, {}, "alice")
        await firewall.firewall._parts.books.flush()
        assert len(await firewall.store.verdicts()) <= 5
        connection = await asyncpg.connect(database)
        count = 5
        async with asyncio.timeout(15):
            while count:
                count = await connection.fetchval("SELECT count(*) FROM error_firewall.verdicts")
        await connection.close()


async def test_its_tables_are_in_a_schema_of_their_own(database: str) -> None:
    """Whose name can be chosen."""
    async with started(database, error_firewall__database_schema="guard") as (_, firewall):
        firewall.firewall.record("x", "build", error_type="E")
        await firewall.firewall._parts.books.flush()
        connection = await asyncpg.connect(database)
        assert await connection.fetchval("SELECT count(*) FROM guard.entries") == 1
        assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'error_firewall'") == 0
        await connection.close()


async def test_it_listens_under_its_name(database: str) -> None:
    """An administrator sees what the connection is for; it ends with the hub."""
    connection = await asyncpg.connect(database)
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tocsin firewall'"
    async with started(database) as (_, firewall):
        await until(lambda: firewall.store.listening.reconnects == 1)
        assert await connection.fetchval(count) == 1
    async with asyncio.timeout(10):
        while await connection.fetchval(count):
            pass
    await connection.close()


async def test_an_older_report_of_a_resource_changes_nothing() -> None:
    """It may be read before a newer one was put, and come after it."""
    firewall = firewall_of(put_together(error_firewall__enabled=True, database__url=NOWHERE))
    newer, older = Resource("r", [{"a": 1}], version=2), Resource("r", [], version=1)
    for resource in (newer, older, newer):
        firewall.store.resources.listener([resource])
        assert firewall.resources == {"r": newer}


async def test_it_measures_itself() -> None:
    """Verdicts by kind, records by status, and the time of checks."""
    hub = put_together(error_firewall__enabled=True, database__url=NOWHERE)
    firewall = firewall_of(hub)
    inner = firewall.firewall
    inner._parts.following.loaded, inner._parts.following.problem = True, None
    inner.record("broken", "build", {"device": "Pixel 9"}, error_type="E")
    await firewall.check("build", {"device": "Pixel 9"}, {}, "alice")
    await firewall.check("other", {}, {}, "alice", Override("reason", "alice"))
    text = hub.metrics.expose().decode()
    for line in (
        'tocsin_firewall_verdicts_total{verdict="warn"} 1.0',
        'tocsin_firewall_verdicts_total{verdict="allow"} 1.0',
        'tocsin_firewall_records{status="observed"} 1.0',
        'tocsin_firewall_rules{status="confirmed"} 0.0',
        "tocsin_firewall_check_seconds_count 2.0",
        "tocsin_firewall_recorded_total 1.0",
        "tocsin_firewall_audit_dropped_total 0.0",
        "tocsin_firewall_false_block_rate 0.0",
        "tocsin_firewall_degraded 0.0",
    ):
        assert line in text


async def test_a_task_that_fails_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing ends in silence; and stopping works all the same."""
    firewall = firewall_of(put_together(error_firewall__enabled=True, database__url=NOWHERE))

    async def fail() -> None:
        raise RuntimeError("expected")

    firewall._spawn(fail(), "failing")
    await asyncio.sleep(0)
    await firewall.stop()
    assert "task failed" in capsys.readouterr().out
