"""What rules can look at."""

from __future__ import annotations

from pathlib import Path

from hub.sections.alerts import METRICS
from integrations.system_monitor.measures import MEASURES, Measure, Scope

PAGE = Path(__file__).parents[4] / "docs" / "topics" / "alerts.md"


def test_the_configuration_knows_the_same_measures() -> None:
    """A wrong name is found when the configuration is read, which knows no integration."""
    assert tuple(MEASURES) == METRICS


def test_every_measure_has_a_unit_and_says_what_it_is() -> None:
    """In words that stand on the page, too."""
    text = PAGE.read_text(encoding="utf-8")
    for measure in MEASURES.values():
        assert measure.unit
        assert measure.about
        assert f"| `{measure.name}` | {measure.unit} | {measure.about} |" in text


def test_the_machines_measures_are_the_machines() -> None:
    """Of the others each process has its own."""
    hosts = {name for name, measure in MEASURES.items() if measure.scope is Scope.HOST}
    assert hosts == {name for name in MEASURES if name.startswith("host_")}
    assert Measure("x", "s", "x").scope is Scope.PROCESS
