"""Chats that are made up."""

from __future__ import annotations

import random

from agents.store.database import Database
from benchmarks.agents.filling import Sizes, big_tables, fill, sentence, user_of, vocabulary

SIZES = Sizes(users=2, sessions=2, messages=4, memories=3, long_messages=20, many_sessions=3, many_memories=6)


async def test_everything_belongs_together(store: Database, agents_dsn: str) -> None:
    """Messages, runs and events of each session are as many as were asked for, and its numbers have no gap."""
    filled = await fill(store, agents_dsn, SIZES, texts=10)
    assert (filled.users, filled.sessions, filled.messages, filled.runs) == (3, 8, 48, 24)
    assert filled.events == 8 + 6 * 24
    assert filled.memories == 2 * 2 * 3 + 6
    async with store.of_system() as connection:
        rows = await connection.exec_driver_sql(
            "SELECT s.last_seq, (SELECT count(*) FROM session_events e WHERE e.session_id = s.id), "
            "(SELECT count(*) FROM messages m JOIN session_events e USING (session_id, seq, user_id) "
            "WHERE m.session_id = s.id AND e.type = 'MESSAGE_CREATED' AND e.data->'message'->>'id' = m.id::text), "
            "(SELECT count(*) FROM tasks t JOIN messages m ON m.id = t.message_id AND m.task_id = t.id "
            "WHERE t.session_id = s.id) FROM chat_sessions s ORDER BY s.last_seq"
        )
        found = [tuple(row) for row in rows]
    assert found == [(13, 13, 4, 2)] * 7 + [(61, 61, 20, 10)]
    assert await big_tables(store, 110) == ["session_events"]
    assert SIZES.heavy == user_of(3)


def test_words_are_used_as_often_as_in_texts() -> None:
    """Some often, most seldom, and all of the vocabulary now and then."""
    words, chance = vocabulary(500), random.Random(1)
    text = " ".join(sentence(words, chance) for _ in range(400)).lower().replace(".", "").split()
    counts = sorted((text.count(word) for word in set(words)), reverse=True)
    assert counts[0] > 4 * counts[len(counts) // 2] > 0
