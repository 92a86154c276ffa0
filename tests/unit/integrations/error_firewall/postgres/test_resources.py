"""What the environment has, shared by processes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from integrations.error_firewall.postgres.resources import Resource
from tests.contract.firewall_worlds import record
from tests.unit.integrations.error_firewall.postgres.database_kit import store_on

SIMULATORS = Resource(
    "ios_simulators",
    [{"name": "iPhone 15 Pro", "os": "17.2", "odd": 2**70}],
    {"ios_build": {"name": "params.device"}},
    7.25,
    "ci\0",
)


async def test_a_resource_reaches_every_process(database: str) -> None:
    """Those that are there, and those that start later; a newer report replaces it."""
    heard: list[Resource] = []
    async with store_on(database) as here, store_on(database) as there:
        there.resources.listener = heard.extend
        version = (await there.load()).version
        await there.wait(version, 10.0)
        waiting = asyncio.create_task(there.wait(version, 10.0))
        kept = await here.resources.put(SIMULATORS)
        assert kept == replace(SIMULATORS, changed_by="ci\ufffd", version=kept.version)
        await waiting
        version = (await there.changes(version)).version
        assert heard == [kept]
        newer = await here.resources.put(Resource("ios_simulators", [], {}, 8.0))
        assert newer.version > kept.version
        await there.changes(version)
        assert heard[1:] == [newer]
        late: list[Resource] = []
        here.resources.listener = late.extend
        await here.load()
        assert late == heard[1:]


async def test_changes_of_entries_bring_no_resources(database: str) -> None:
    """Each is told when it changes, and only then."""
    heard: list[Resource] = []
    async with store_on(database) as store:
        await store.resources.put(SIMULATORS)
        version = (await store.load()).version
        store.resources.listener = heard.extend
        await store.observe(record())
        await store.changes(version)
    assert heard == []
