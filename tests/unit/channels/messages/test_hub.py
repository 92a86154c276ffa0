"""The hub's own numbers. What all messages have in common is in test_catalog.py."""

from __future__ import annotations

from channels.messages import HubStats, json_schemas
from tests.message_examples.hub import EXAMPLES


def test_units_are_published() -> None:
    """Every field is explained, and each time, size and share says its unit."""
    fields = json_schemas()["hub_stats"]["properties"]
    assert [name for name, field in fields.items() if "description" not in field] == []
    for field, unit in (
        ("publish_to_write_p50", "milliseconds"),
        ("loop_lag_p50", "milliseconds"),
        ("memory_usage", "MB"),
        ("cpu_usage", "%"),
        ("uptime", "seconds"),
        ("sent_bytes_per_second", "bytes"),
    ):
        assert unit in fields[field]["description"]


def test_what_was_not_measured_is_null() -> None:
    """No time is made up where nothing was published, and no reason where nothing is amiss."""
    unmeasured = {"degraded"} | {name for name in HubStats.model_fields if name.startswith(("publish_to", "loop_lag"))}
    assert {name for name, field in HubStats.model_fields.items() if not field.is_required()} == unmeasured
    stats = HubStats.model_validate(
        {name: EXAMPLES["hub_stats"][name] for name in EXAMPLES["hub_stats"].keys() - unmeasured}
    )
    assert {name for name, value in stats if value is None} == unmeasured
