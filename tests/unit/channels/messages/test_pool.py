"""Messages of connection pools. What all messages have in common is in test_catalog.py."""

from __future__ import annotations

from typing import Any

import pytest

from channels.messages import InvalidMessage, json_schemas, parse_message
from tests.message_examples.pool import EXAMPLES

TWELVE = {
    "old_size",
    "new_size",
    "reason",
    "pool_size",
    "active_connections",
    "idle_connections",
    "overflow_connections",
    "utilization",
    "qps",
    "avg_query_time",
    "max_wait_time",
    "total_queries",
}


def test_a_change_of_size_needs_twelve_fields() -> None:
    """Exactly those; what else it may say is optional."""
    assert set(json_schemas()["pool_resized"]["required"]) == TWELVE


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("utilization", 140.0),
        ("utilization", -1.0),
        ("overflow_connections", -5),
        ("samples", [101.0]),
        ("reason", "x"),
    ],
)
def test_impossible_numbers_are_refused(field: str, value: Any) -> None:
    """A pool can't be used above 100 %, and has no overflow below 0."""
    with pytest.raises(InvalidMessage, match=f"/{field}"):
        parse_message("pool_resized", {**EXAMPLES["pool_resized"], field: value})


@pytest.mark.parametrize("type", sorted(EXAMPLES))
def test_units_are_published(type: str) -> None:
    """Every field says what it is; times say whether they are in seconds or milliseconds, shares that they are in %."""
    fields = json_schemas()[type]["properties"]
    assert all(field["description"] for field in fields.values())
    for name, field in fields.items():
        if name.startswith(("avg_", "max_wait", "wait_", "duration", "limit")) or name.endswith("seconds"):
            assert "milliseconds" in field["description"] or "seconds" in field["description"]
        if name == "utilization":
            assert "%" in field["description"]
