"""Whose a session is."""

from __future__ import annotations

from uuid import uuid4

from agents.sessions.owners import Owners
from agents.store.database import Database
from agents.store.tables import chat_sessions
from tests.unit.agents.sessions.session_worlds import a_session


async def test_an_owner_is_looked_up_once(store: Database) -> None:
    """It never changes, so nothing is asked again; an id that nobody has may have an owner later."""
    scope, session = await a_session(store)
    owners, nobody = Owners(store), uuid4()
    assert await owners.of(nobody) is None
    async with scope.begin() as work:
        await work.run(work.insert(chat_sessions, id=nobody))
    assert (await owners.of(nobody), await owners.of(session)) == (scope.subject, scope.subject)
    async with scope.begin() as work:
        await work.run(work.delete(chat_sessions))  # and nobody says so
    assert await owners.of(session) == scope.subject


async def test_a_deleted_session_has_none_and_memory_is_bounded(store: Database) -> None:
    """Deletion is known before anybody asks again; the oldest makes room."""
    scope, first = await a_session(store)
    _, second = await a_session(store, scope)
    owners = Owners(store, most=1)
    await owners.of(first)
    await owners.of(second)
    assert list(owners._known) == [second]
    owners.deleted(second)
    assert await owners.of(second) is None
    assert await owners.of(first) == scope.subject
