"""The worlds that the suite of the firewall's stores runs in: one storage, seen from two processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from integrations.error_firewall.memory_store import MemoryStore
from integrations.error_firewall.model import Audited, Decision, Fingerprints, Record, Rule, Solution, Verdict
from integrations.error_firewall.ports import Store
from integrations.error_firewall.postgres import PostgresStore
from tests.postgres_server import the_server


@dataclass(frozen=True)
class StoreWorld:
    """One storage, seen from two processes; in memory there can be only one, so both are the same."""

    here: Store
    there: Store


@asynccontextmanager
async def memory_stores() -> AsyncIterator[StoreWorld]:
    """A store that is gone with its process."""
    store = MemoryStore()
    yield StoreWorld(store, store)


@asynccontextmanager
async def postgres_stores() -> AsyncIterator[StoreWorld]:
    """Two stores in an empty database, each with a pool and a connection that listens."""
    server = the_server()
    dsn = server.create()
    stores: list[PostgresStore] = []
    try:
        async with asyncpg.create_pool(dsn, min_size=0, max_size=3) as a, asyncpg.create_pool(dsn, min_size=0) as b:
            stores += [PostgresStore(pool, lambda: asyncpg.connect(dsn)) for pool in (a, b)]
            yield StoreWorld(*stores)
    finally:
        for store in stores:
            store.listening.close()
        server.drop(dsn)


STORES: dict[str, Callable[[], AbstractAsyncContextManager[StoreWorld]]] = {
    "memory": memory_stores,
    "postgres": postgres_stores,
}


def record(id: str = "build-1", **fields: Any) -> Record:
    """Make a record with plain values where the test doesn't care."""
    given: dict[str, Any] = {
        "operation": "ios_build",
        "error_type": "DeviceNotFound",
        "fingerprints": Fingerprints(f"call-{id}", f"exact-{id}", "family", 1),
        "message": "no such device",
        "first_seen": 10.0,
        "last_seen": 10.0,
        "created_at": 10.0,
        "updated_at": 10.0,
    }
    return Record(id=id, **given | fields)


def rule(id: str = "rule-1", **fields: Any) -> Rule:
    """Make a rule with plain values where the test doesn't care."""
    return Rule(**{"id": id, "operation": "ios_build", "error_type": "DeviceNotFound", "predicates": ()} | fields)


def audited(check_id: str, at: float = 1.0, **fields: Any) -> Audited:
    """Make a verdict for the books."""
    given = {"operation": "ios_build", "decision": Decision.ALLOW, "why": "nothing is known about it"}
    return Audited(at, Verdict(check_id, **given | fields))


SOLUTION = Solution("iPhone 15 Pro, 17.2", {"device": "iPhone 15 Pro", "os": "17.2"})
STRANGE: dict[str, Any] = {
    "big": 2**80,
    "float": 1e300,
    "one": 1.0,
    "tiny": 5e-324,
    "text": "ü 漢字 \u2028 🚀 ' \" \\ %s {schema}",
    "none": None,
    "yes": True,
    "deep": {"list": [1, [2, {"": []}]]},
    "z": 1,
    "a": 2,
}
"""Values that a store is likely to change."""


async def kept(store: Store) -> dict[str, Any]:
    """All entries of a store, by their ids."""
    return {entry.id: entry for entry in (await store.load()).entries}
