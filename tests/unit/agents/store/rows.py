"""One row of each table that belongs to a user."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from agents.store.scope import Scope, Work
from agents.store.tables import (
    approval_requests,
    chat_sessions,
    memories,
    messages,
    session_events,
    tasks,
    user_agents,
    user_orchestrators,
)


async def fill(scope: Scope, word: str = "canary") -> dict[str, UUID]:
    """Insert a row into each table of a user; return the ids of what other rows refer to."""
    ids = {"agent": uuid4(), "session": uuid4(), "message": uuid4(), "task": uuid4(), "memory": uuid4()}
    async with scope.begin() as work:
        await work.run(work.insert(user_agents, id=ids["agent"], name=word))
        await work.run(work.insert(user_orchestrators, id=uuid4()))
        await work.run(work.insert(chat_sessions, id=ids["session"], title=word, last_seq=1))
        await add_message(work, ids["session"], ids["message"], agent_id=ids["agent"], content=word)
        await work.run(
            work.insert(tasks, id=ids["task"], session_id=ids["session"], agent_id=ids["agent"], status="completed")
        )
        await work.run(
            work.insert(session_events, session_id=ids["session"], seq=1, type="MESSAGE_CREATED", data={"text": word})
        )
        await work.run(work.insert(approval_requests, id=uuid4(), type=word, payload={}, status="waiting"))
        await work.run(work.insert(memories, id=ids["memory"], agent_id=ids["agent"], kind="episode", text=word))
    return ids


async def add_message(work: Work, session: UUID, id: UUID, **values: Any) -> None:
    """Insert a message."""
    row = {"id": id, "session_id": session, "seq": 1, "role": "user", "content": "", **values}
    await work.run(work.insert(messages, **row))
