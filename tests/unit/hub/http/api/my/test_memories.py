"""What requests about memories carry. What they do is in tests/integration/test_agent_memory.py."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from agents.memory.item import Filter, Item
from hub.http.api.endpoint import Who
from hub.http.api.my.memories import ROWS, AddMemoryBody, ChangeMemoryBody, MemoriesQuery, MemoryState

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_every_endpoint_is_a_members() -> None:
    """None is for anyone."""
    assert {row.who for row in ROWS} == {Who.MEMBER}


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"text": "   "},
        {"text": "x" * 16_001},
        {"text": "x", "kind": "episode"},
        {"text": "x", "importance": 1.5},
        {"text": "x", "pinned": "yes"},
        {"text": "x", "user_id": "somebody"},
    ],
)
def test_what_is_refused(wrong: dict[str, Any]) -> None:
    """Exchanges are remembered by agents, not added by users."""
    with pytest.raises(ValidationError):
        AddMemoryBody.model_validate(wrong)


def test_a_query_is_a_filter() -> None:
    """Times with their zone; unknown parameters are refused."""
    query = MemoriesQuery.model_validate({"since": "2026-11-21T00:00:00Z", "pinned": "false", "success": "true"})
    assert query.filter() == Filter(since=NOW, pinned=False, success=True)
    for wrong in ({"since": "2026-11-21"}, {"since": "0001-01-01T00:00:00+14:00"}, {"agent": "x"}, {"limit": "201"}):
        with pytest.raises(ValidationError):
            MemoriesQuery.model_validate(wrong)


def test_a_memory_shows_its_score_only_where_one_searched() -> None:
    """What isn't known is null; what doesn't apply is absent."""
    item = Item(UUID(int=1), UUID(int=2), "fact", "x", {}, 0.5, False, None, "none", NOW, NOW)
    shown = MemoryState.of(item).model_dump()
    assert (shown["success"], shown["created_at"]) == (None, "2026-11-21T00:00:00.000000Z")
    assert MemoryState.of(item, 0.9, {"fused": 0.9}).score == 0.9
    assert ChangeMemoryBody.model_validate({"pinned": False}).model_dump(exclude_none=True) == {"pinned": False}
