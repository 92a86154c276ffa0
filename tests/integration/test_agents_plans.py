"""What users ask for most is looked up: no big table is read whole, and each call goes by the index made for it. On a
database in which the planner can be wrong: one user has far more than the others."""

from __future__ import annotations

from typing import Final

import pytest

from agents.memory import memory
from agents.store.database import Database
from benchmarks.agents import plans, queries
from benchmarks.agents.filling import Sizes, big_tables, fill
from benchmarks.agents.plans import BACKGROUND
from benchmarks.agents.queries import HEAVY, USUAL, explained
from tests.agents_kit import agents_dsn, agents_template, store
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres", "store"]

SIZES: Final = Sizes(
    users=150, sessions=4, messages=6, memories=8, long_messages=800, many_sessions=40, many_memories=800
)
BIG: Final = 1_000
HOT: Final = {
    "sessions": "chat_sessions_user_id_updated_at_id_idx",
    "sessions, a later page": "chat_sessions_user_id_updated_at_id_idx",
    "messages, newest": "messages_session_id_user_id_seq_key",
    "messages, oldest": "messages_session_id_user_id_seq_key",
    "messages, in the middle": "messages_session_id_user_id_seq_key",
    "events after a number": "session_events_pkey",
    "a stream's snapshot": "messages_session_id_user_id_seq_key",
    "a stream's 100 missed events": "session_events_pkey",
    "runs": "tasks_session_id_user_id_created_at_id_idx",
    "runs, a later page": "tasks_session_id_user_id_created_at_id_idx",
    "a run": "tasks_pkey",
    "a run's trace": "tasks_pkey",
    "memories": "memories_user_id_agent_id_created_at_idx",
    "memories, exported": "memories_user_id_agent_id_created_at_idx",
    "recall by words": "memories_words_idx, memories_pkey",
}
"""The indexes of each call."""


async def test_hot_queries_use_their_index(store: Database, agents_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the user with most and for another one; also with the plans that PostgreSQL keeps after five executions."""
    monkeypatch.setattr(queries, "EXPLAINED", 6)
    monkeypatch.setattr(plans, "SETTLE_SECONDS", 0.005)
    for module in (memory, queries):  # a page is a small part of what there is, here too
        monkeypatch.setattr(module, "EXPORTED", 50)
    await fill(store, agents_dsn, SIZES, texts=200)
    big = await big_tables(store, BIG)
    assert {"messages", "tasks", "session_events", "memories"} <= set(big)
    statements = await explained(agents_dsn, SIZES, big)
    asked = [statement for statement in statements if statement.call != BACKGROUND]
    assert [(one.call, one.whole) for one in asked if one.whole] == []
    for call, indexes in HOT.items():
        for user in (USUAL, HEAVY):
            used = {index for one in asked if one.call == f"{call} ({user})" for index in one.access.split(", ")}
            assert set(indexes.split(", ")) <= used, (call, user)
