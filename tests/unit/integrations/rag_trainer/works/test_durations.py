"""How long a work takes."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.results import Sequences
from integrations.rag_trainer.stages.sequences import WorkSequences
from integrations.rag_trainer.works.durations import durations
from tests.rag_works import marked


def days(text: str, **shape: object) -> dict[str, float | None]:
    made: Sequences = WorkSequences().run(marked(text, **shape))
    return {step.name: step.duration_days for sequence in made.sequences for step in sequence.steps}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("в течение 3 суток", 3.0),
        ("продолжительностью 12 часов", 0.5),
        ("длительность: 2,5 дня", 2.5),
        ("takes 28 days", 28.0),
        ("for at least 2 weeks", 14.0),
        ("не ранее чем через 3 суток", None),
        ("на глубину 3 м", None),
    ],
)
def test_sentences(said: str, expected: float | None) -> None:
    """Of the work before it in the same sentence; what is no duration gives none."""
    text = f"Снос стен {said}. Кладку стен ведут после сноса стен."
    assert days(text) == {"Снос стен": expected, "Кладка стен": None}


def test_tables() -> None:
    """A column that is headed as durations, with the unit in the head or in the cell."""
    rows = (("Виды работ", "Продолжительность, недель"), ("Снос стен", "2"), ("Кладка стен", "3 дня"), ("Окраска", "–"))
    text = "Кладку стен ведут после сноса стен.\n" + "\n".join(map(" | ".join, rows))
    assert days(text, tables=[rows]) == {"Снос стен": 14.0, "Кладка стен": 3.0}


def test_a_text_without_works() -> None:
    """Has no durations, whatever it says about days."""
    assert durations("The offer holds for 30 days.", [], []) == {}
