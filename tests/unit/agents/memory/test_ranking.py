from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from agents.memory.item import SCORE, Item
from agents.memory.ranking import HALF_LIFE, WEIGHTS, Ranking

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def item(text: str = "The port is 8765", age: float = 0.0, **more: Any) -> Item:
    made = NOW - timedelta(seconds=age)
    values: dict[str, Any] = {"importance": 0.5, "pinned": False, "success": None, "embedding": "none", **more}
    return Item(UUID(int=1), UUID(int=2), "fact", text, {}, created_at=made, updated_at=made, **values)


def parts(query: str, one: Item, fused: float = 0.5) -> dict[str, float]:
    return dict(Ranking(query, NOW).parts(one, fused))


def test_every_part_says_why() -> None:
    """What is average adds nothing."""
    found = parts("something else", item(age=HALF_LIFE))
    assert found == {
        "fused": 0.5,
        "overlap": 0.0,
        "question": 0.0,
        "importance": 0.0,
        "pinned": 0.0,
        "recency": WEIGHTS.recency / 2,
    }


def test_shared_words_pins_weight_and_age_move_a_memory() -> None:
    """Each in its direction, and no further than its weight."""
    assert parts("port 8765", item())["overlap"] == pytest.approx(WEIGHTS.overlap)
    assert parts("port 9000", item())["overlap"] == pytest.approx(WEIGHTS.overlap / 2)
    assert parts("x", item(pinned=True))["pinned"] == WEIGHTS.pinned
    assert parts("x", item(importance=1.0))["importance"] == pytest.approx(WEIGHTS.importance / 2)
    assert parts("x", item(importance=0.0))["importance"] == pytest.approx(-WEIGHTS.importance / 2)
    assert parts("x", item(age=-60))["recency"] == WEIGHTS.recency, "a clock that is behind"


def test_scores_are_as_their_description_says() -> None:
    """The best that there can be, and the worst."""
    best = parts("port", item("The port", importance=1.0, pinned=True), fused=1.0)
    worst = parts("port", item("What is it?", importance=0.0, age=1e10), fused=0.0)
    assert SCORE.split("from ")[1].split(",")[0] == f"{sum(worst.values()):.2f} to {sum(best.values()):.2f}"


def test_a_question_that_was_asked_before_stands_behind_what_answers_it() -> None:
    """It fits itself best, and tells nothing."""
    asked = parts("What is the port?", item("What is the port?"), fused=1.0)
    told = parts("What is the port?", item("The port is 8765"), fused=0.9)
    assert sum(told.values()) > sum(asked.values())
