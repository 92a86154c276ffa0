"""The words of memories that were there before stay, and going back works with vectors in place. That the tables are
those of the code is in tests/unit/agents/store/test_migrating.py."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from agents.accounts.members import Members
from agents.memory.item import Filter
from agents.memory.keyword import find_by_words
from agents.memory.pgvector import PgVectorIndex
from agents.store.database import Database, DatabaseOptions
from agents.store.migrating import downgrade, upgrade
from tests.postgres_server import database, postgres

__all__ = ["database", "postgres"]

_USER = "INSERT INTO users (id, subject) VALUES ('00000000-0000-0000-0000-000000000001', 'ann')"
_AGENT = "INSERT INTO user_agents (id, user_id, name) SELECT id, id, 'a' FROM users"
_MEMORY = "INSERT INTO memories (id, user_id, agent_id, kind, text) SELECT id, id, id, 'fact', 'some words' FROM users"


async def test_there_and_back_with_memories_and_vectors(database: str) -> None:
    """Nothing but vectors, and what is known of removals, is lost."""
    store = Database(DatabaseOptions(database))
    await upgrade(store, "0001")
    async with store.of_system() as connection:
        for statement in (_USER, _AGENT, _MEMORY):
            await connection.execute(text(statement))
    await upgrade(store, "0002")
    scope = await Members(store).scope("ann")
    async with scope.begin() as work:
        ((found, score),) = await find_by_words(work, UUID(int=1), "words", Filter(), 10)
    assert (found, score > 0) == (UUID(int=1), True)
    index = PgVectorIndex(store, "m", 4)
    await index.prepare()
    async with store.of_system() as connection:
        await connection.execute(text("UPDATE memories SET embedding_model = 'm'"))
        await connection.execute(text("DELETE FROM users"))
        assert await connection.scalar(text("SELECT count(*) FROM vector_removals")) == 1
        for statement in (_USER, _AGENT, _MEMORY):
            await connection.execute(text(statement))
    await downgrade(store, "0001")
    async with store.of_system() as connection:
        assert await connection.scalar(text("SELECT words::text FROM memories")) == "'some':1 'words':2"
        assert await connection.scalar(text("SELECT to_regclass(:name)"), {"name": index.table.name}) is None
    await store.close()
