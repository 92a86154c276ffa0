"""The system's numbers and alerts. What all messages have in common is in test_catalog.py."""

from __future__ import annotations

from channels.messages import SystemAlert, json_schemas
from tests.message_examples.system import EXAMPLES


def test_alerts_do_not_share_their_labels() -> None:
    """A default is made anew each time."""
    least = {name: value for name, value in EXAMPLES["alert"].items() if name != "labels"}
    first, second = (SystemAlert.model_validate(least) for _ in range(2))
    assert first.labels is not second.labels


def test_units_of_the_systems_numbers_are_published() -> None:
    """Milliseconds, MB, % and seconds stand in the descriptions."""
    fields = json_schemas()["system_stats"]["properties"]
    for field, unit in (("avg_response_time", "milliseconds"), ("memory_usage", "MB"), ("cpu_usage", "%")):
        assert unit in fields[field]["description"]
    assert "seconds" in fields["uptime"]["description"]
    assert all("description" in field for field in fields.values())
