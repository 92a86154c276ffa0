"""Messages on vector searches. What all messages have in common is in test_catalog.py."""

from __future__ import annotations

import pytest

from channels.messages import InvalidMessage, json_schemas, parse_message
from tests.message_examples.search import EXAMPLES


def test_what_isnt_known_is_null_and_not_left_out() -> None:
    """A dashboard can tell "not measured" from "an old hub"."""
    for field in ("ef_search", "recall_estimated"):
        parse_message("search_completed", {**EXAMPLES["search_completed"], field: None})
        without = {name: value for name, value in EXAMPLES["search_completed"].items() if name != field}
        with pytest.raises(InvalidMessage, match=field):
            parse_message("search_completed", without)


@pytest.mark.parametrize(("field", "value"), [("recall_estimated", 95.5), ("recall_estimated", -0.1), ("top_k", 1.5)])
def test_a_share_is_no_percentage(field: str, value: float) -> None:
    """From 0 to 1; counts are whole."""
    with pytest.raises(InvalidMessage, match=field):
        parse_message("search_completed", {**EXAMPLES["search_completed"], field: value})


@pytest.mark.parametrize("progress", [-1.0, 100.5])
def test_progress_is_a_percentage(progress: float) -> None:
    """From 0 to 100."""
    with pytest.raises(InvalidMessage, match="progress"):
        parse_message("search_progress", {**EXAMPLES["search_progress"], "progress": progress})


def test_units_are_published() -> None:
    """Every time says its unit, and every field what it means."""
    for name in ("search_progress", "search_completed", "search_failed"):
        for field, schema in json_schemas()[name]["properties"].items():
            assert schema.get("description"), f"{name}.{field}"
            assert not field.endswith("_ms") or "milliseconds" in schema["description"]
