"""The system's numbers and alerts. What all messages have in common is in test_catalog.py."""

from __future__ import annotations

from channels.messages import SystemAlert, json_schemas
from tests.message_examples.system import EXAMPLES


def test_alerts_do_not_share_their_labels() -> None:
    """A default is made anew each time."""
    least = {name: value for name, value in EXAMPLES["alert"].items() if name != "labels"}
    first, second = (SystemAlert.model_validate(least) for _ in range(2))
    assert first.labels is not second.labels


def test_alerts_say_no_more_than_they_must() -> None:
    """What was added later is optional: older publishers need not know it."""
    required = json_schemas()["alert"]["required"]
    assert set(required) == {"alert_id", "name", "severity", "status", "summary", "started_at"}


def test_the_machines_numbers_are_apart_from_the_processs() -> None:
    """No field has the same name, but the process that says it, and each says its unit."""
    schemas = json_schemas()
    host, process = schemas["host_stats"]["properties"], schemas["system_stats"]["properties"]
    assert set(host) & set(process) == {"uptime", "node"}
    for field, unit in (("memory_total", "MB"), ("memory_percent", "%"), ("cpu_percent", "%"), ("uptime", "seconds")):
        assert unit in host[field]["description"]
    assert all("description" in field for field in host.values())
    assert len(process) == 9, "the eight numbers, and whose they are"


def test_units_of_the_systems_numbers_are_published() -> None:
    """Milliseconds, MB, % and seconds stand in the descriptions."""
    fields = json_schemas()["system_stats"]["properties"]
    for field, unit in (("avg_response_time", "milliseconds"), ("memory_usage", "MB"), ("cpu_usage", "%")):
        assert unit in fields[field]["description"]
    assert "seconds" in fields["uptime"]["description"]
    assert all("description" in field for field in fields.values())
