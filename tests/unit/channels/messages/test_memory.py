"""What agents remember. What all messages have in common is in test_catalog.py."""

from __future__ import annotations

import pytest

from channels.messages import InvalidMessage, MemoryCounts, MemoryPruned, parse_message
from channels.messages.memory import MOST_IDS
from tests.message_examples.memory import EXAMPLES


def test_the_shared_message_has_only_numbers() -> None:
    """No field could hold an owner, an id or a text."""
    kinds = {field.annotation for field in MemoryCounts.model_fields.values()}
    assert kinds == {int, float}
    assert not {"owner", "agent", "memory_id", "summary"} & set(MemoryCounts.model_fields)


def test_ids_are_bounded() -> None:
    """A pruning of a million memories is one message."""
    ids = [f"m-{number}" for number in range(MOST_IDS + 1)]
    assert MemoryPruned(owner="a", count=10**6, reason="old", memory_ids=ids[:-1]).count == 10**6
    with pytest.raises(InvalidMessage, match="/memory_ids"):
        parse_message("memory_pruned", {**EXAMPLES["memory_pruned"], "memory_ids": ids})


@pytest.mark.parametrize("importance", [-0.1, 1.1, float("nan")])
def test_importance_is_a_share(importance: float) -> None:
    """Between 0 and 1."""
    with pytest.raises(InvalidMessage, match="/importance"):
        parse_message("memory_created", {**EXAMPLES["memory_created"], "importance": importance})
