"""The store on PostgreSQL, beyond what all stores owe (tests/contract/test_firewall_store.py)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import asyncpg
import orjson
import pytest

from integrations.error_firewall.model import Outcome, OutcomeKind, Status
from integrations.error_firewall.ports import StoreUnavailable
from integrations.error_firewall.postgres import PostgresStore
from integrations.error_firewall.postgres.rows import COLUMNS, row_of
from tests.contract.firewall_worlds import audited, record
from tests.postgres_server import database_name
from tests.unit.integrations.error_firewall.postgres.database_kit import cut_everybody, execute, store_on


class Follower:
    """A process that follows: asks for what changed, waits, and tries again when that fails."""

    def __init__(self, store: PostgresStore) -> None:
        self.store = store
        self.known: dict[str, int] = {}
        self.version = 0
        self.done = asyncio.Event()

    async def run(self) -> None:
        """Until `done`, and everything that was there then is known."""
        while True:
            last = self.done.is_set()
            try:
                changes = await self.store.changes(self.version)
                self.known |= {entry.id: entry.version for entry in changes.entries}
                self.version = changes.version
                if last:
                    return
                await self.store.wait(self.version, 5.0)
            except StoreUnavailable:
                await asyncio.sleep(0.005)


async def insist(store: PostgresStore, name: str) -> int:
    """Record an error until that succeeds; return the version."""
    while True:
        try:
            return (await store.observe(record(name))).version
        except StoreUnavailable:
            await asyncio.sleep(0.005)


async def test_no_change_is_lost_when_connections_are_cut(database: str) -> None:
    """Whoever follows has every change, however often its connections end in the middle of it."""
    written: dict[str, int] = {}
    async with store_on(database) as here, store_on(database) as there:
        follower = Follower(there)
        following = asyncio.create_task(follower.run())
        for n in range(60):
            written[f"r{n % 11}"] = await insist(here, f"r{n % 11}")
            if n % 15 == 7:
                await cut_everybody(database)
        follower.done.set()
        await cut_everybody(database)
        async with asyncio.timeout(20):
            await following
        assert there.listening.reconnects > 1
    async with store_on(database) as fresh:
        kept = {entry.id: entry.version for entry in (await fresh.load()).entries}
    assert kept == written
    assert follower.known == kept


async def test_a_change_that_takes_long_is_not_overtaken(database: str) -> None:
    """A number is only seen when all lower ones are: who began first is committed first."""
    async with store_on(database) as store:
        await store.load()
        async with store.database.transaction() as slow:
            number = await store.database.next_change(slow)
            quick = asyncio.create_task(store.observe(record()))
            await asyncio.sleep(0.05)
            assert not quick.done()
            assert (await store.load()).version == number - 1
        await quick
        assert (await store.load()).version == number + 1


async def test_a_change_is_heard_within_milliseconds(database: str) -> None:
    """By another process that waits; without NOTIFY it would take the whole time-out."""
    async with store_on(database) as here, store_on(database) as there:
        version = (await there.load()).version
        await there.wait(version, 1.0)
        delays = []
        loop = asyncio.get_running_loop()
        for n in range(20):
            waiting = asyncio.create_task(there.wait(version, 30.0))
            await asyncio.sleep(0)
            await here.observe(record(f"r{n}"))
            begin = loop.time()
            await waiting
            version = (await there.changes(version)).version
            delays.append(loop.time() - begin)
        assert sorted(delays)[10] < 0.5


async def test_thousands_of_entries_are_read(database: str) -> None:
    """In slices, each exactly once."""
    names = [f"r{n}" for n in range(5_000)]
    async with store_on(database) as store:
        await store.load()
        connection: Any = await asyncpg.connect(database)
        await connection.copy_records_to_table(
            "entries",
            schema_name="error_firewall",
            columns=["change", "version", *COLUMNS],
            records=[(1, 1, *row_of(record(name))) for name in names],
        )
        await connection.execute("UPDATE error_firewall.counter SET number = 1")
        await connection.close()
        loaded = await store.load()
    assert sorted(entry.id for entry in loaded.entries) == sorted(names)
    assert loaded.version == 1


async def test_a_pool_with_codecs_of_its_own_does_no_harm(database: str) -> None:
    """Whoever lends the connections may have taught them JSON."""

    async def teach(connection: Any) -> None:
        for kind in ("json", "jsonb"):
            await connection.set_type_codec(kind, schema="pg_catalog", encoder=orjson.dumps, decoder=orjson.loads)

    async with asyncpg.create_pool(database, min_size=0, init=teach) as pool:
        store = PostgresStore(pool)
        kept = await store.observe(record(params={"a": [1]}))
        await store.append_verdicts([audited("c")])
        assert (await store.load()).entries == (kept,)
        assert await store.verdict("c") == audited("c")


async def test_firewalls_in_one_database_are_apart(database: str) -> None:
    """Each has a schema."""
    async with store_on(database, schema="one") as one, store_on(database, schema="two") as two:
        await one.observe(record())
        assert (await two.load()).entries == ()
        assert len((await one.load()).entries) == 1
    with pytest.raises(ValueError, match="schema"):
        PostgresStore(None, schema="no; DROP")  # type: ignore[arg-type]


async def test_a_conflict_uses_up_no_number(database: str) -> None:
    """Nothing was changed, so nobody is woken."""
    async with store_on(database) as store:
        first = await store.observe(record())
        version = (await store.load()).version
        await store.append_outcome(Outcome(1.0, "unknown", OutcomeKind.WORKED))
        await store.forget(["unknown"])
        with pytest.raises(Exception, match="read it again"):
            await store.save(replace(first, version=99, status=Status.RETIRED))
        assert (await store.load()).version == version


async def test_an_unknown_version_gives_everything(database: str) -> None:
    """As when the database was put back to an older state."""
    async with store_on(database) as store:
        kept = await store.observe(record())
        changes = await store.changes(10**15)
        assert changes.entries == (kept,)
        assert changes == await store.changes(0)


async def test_a_verdict_twice_in_a_batch_is_kept_once(database: str) -> None:
    """The first of them."""
    async with store_on(database) as store:
        await store.append_verdicts([audited("c", 3.0), audited("c", 2.0)])
        assert await store.verdicts() == [audited("c", 3.0)]


async def test_it_works_again_after_the_database_was_away(database: str) -> None:
    """Every call says so meanwhile."""
    async with store_on(database) as store:
        kept = await store.observe(record())
        name = database_name(database)
        admin = database.replace(f"/{name}?", "/postgres?")
        await execute(admin, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await cut_everybody(admin, name)
        calls = (
            store.load(),
            store.observe(record()),
            store.save(kept),
            store.append_verdicts([audited("c")]),
            store.prune(1.0),
            store.wait(0, 5.0),
        )
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(result) for result in results} == {StoreUnavailable}
        await execute(admin, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        assert (await store.load()).entries == (kept,)
        assert await store.verdict("c") is None
