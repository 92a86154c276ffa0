"""Examples of `channels.messages.memory`, with every field."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "memory_created": {
        "owner": "alice",
        "memory_id": "m-81",
        "agent": "planner",
        "kind": "preference",
        "summary": "Alice wants reports on Monday",
        "importance": 0.75,
        "source": "conversation-12",
    },
    "memory_changed": {
        "owner": "alice",
        "memory_id": "m-81",
        "agent": "planner",
        "kind": "preference",
        "summary": "Alice wants reports on Tuesday",
        "changed": ["summary", "importance"],
        "importance": 0.5,
        "reason": "she said so",
    },
    "memory_pruned": {
        "owner": "alice",
        "count": 250,
        "reason": "not used for 90 days",
        "memory_ids": ["m-3", "m-4"],
        "agent": "keeper",
    },
    "memory_nearly_full": {"owner": "alice", "agent": "planner", "count": 8_000, "limit": 10_000},
    "memory_deleted": {"owner": "alice", "memory_id": "m-81", "agent": "planner", "reason": "Alice asked for it"},
    "memory_counts": {"seconds": 10.0, "created": 3, "changed": 1, "pruned": 250, "deleted": 1},
}
