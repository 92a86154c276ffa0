"""What tests of sessions stand on: a session in a database, and a channel that keeps what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from agents.sessions.event import Event
from agents.store.database import Database
from agents.store.scope import Scope
from agents.store.tables import chat_sessions
from channels.errors import ErrorCode, ReplyError
from tests.agents_kit import a_user


class Channel:
    """A `SessionChannel` that refuses while it is `away`, and takes no number twice."""

    def __init__(self) -> None:
        self.told: dict[UUID, list[tuple[int, str, Mapping[str, Any]]]] = {}
        self.away = False
        self.tries = 0
        self.closed: list[UUID] = []
        self.progress = asyncio.Event()

    async def publish(self, session: UUID, seq: int, type: str, data: Mapping[str, Any]) -> None:
        self.tries += 1
        await asyncio.sleep(0)
        if self.away:
            raise ReplyError(ErrorCode.UNAVAILABLE, "the broker is away")
        told = self.told.setdefault(session, [])
        if not told or seq > told[-1][0]:
            told.append((seq, type, data))
        self.progress.set()

    async def close(self, session: UUID, owner: str) -> None:
        self.closed.append(session)

    def seqs(self, session: UUID) -> list[int]:
        return [seq for seq, _, _ in self.told.get(session, ())]

    async def until(self, session: UUID, seq: int) -> None:
        async with asyncio.timeout(5):
            while self.seqs(session)[-1:] != [seq]:
                self.progress.clear()
                await self.progress.wait()


class Teller:
    """Keeps what a log tells."""

    def __init__(self, known: int = 0) -> None:
        self.told: list[tuple[UUID, int, list[Event]]] = []
        self.publishes = known

    def known(self, session_id: UUID) -> int:
        return self.publishes

    def tell(self, session_id: UUID, published: int, events: list[Event]) -> None:
        self.told.append((session_id, published, events))


async def a_session(store: Database, scope: Scope | None = None) -> tuple[Scope, UUID]:
    """An empty session of a user."""
    scope, id = scope or await a_user(store), uuid4()
    async with scope.begin() as work:
        await work.run(work.insert(chat_sessions, id=id))
    return scope, id
