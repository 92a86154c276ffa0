"""Whose a session is."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import event

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


async def test_a_refusal_costs_the_same_whether_or_not_there_is_a_session(store: Database) -> None:
    """Else its time would tell. The owner, who may know, is told from memory."""
    owners = Owners(store)
    (scope, session), (_, deleted) = await a_session(store), await a_session(store)
    stranger, _ = await a_session(store)
    asked: list[str] = []
    event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    async def lookups(session_id: UUID, subject: str, is_theirs: bool) -> int:
        asked.clear()
        assert await owners.is_of(session_id, subject) is is_theirs
        return len([one for one in asked if "chat_sessions" in one])

    assert [await lookups(session, scope.subject, True) for _ in range(3)] == [1, 0, 0]
    owners.deleted(deleted)
    for _ in range(2):
        foreign = [await lookups(id, stranger.subject, False) for id in (session, deleted, uuid4())]
        assert foreign == [1, 1, 1]
    assert await lookups(session, scope.subject, True) == 0


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
