"""Stage 11."""

from __future__ import annotations

from integrations.rag_trainer.stages.sequences import WorkSequences
from tests.rag_works import marked

TEXT = "Монтаж ферм ведут после сноса стен. Снос стен в течение 3 суток. Site clearance is done before pile driving.\n"


def test_sequences_of_a_document() -> None:
    """In order, with what each waits for and the days that the text tells."""
    made = WorkSequences().run(marked(TEXT))
    assert made.log == "2 sequences with 4 works, 1 of them with a duration"
    steps = [(step.order, step.name, step.duration_days) for step in made.sequences[0].steps]
    assert steps == [(1, "Снос стен", 3.0), (2, "Монтаж ферм", None)]
    assert made.sequences[0].steps[1].depends_on == (made.sequences[0].steps[0].work,)
    assert made.sequences[1].name == "Site clearance → Pile driving"


def test_no_order_no_sequence() -> None:
    """Works alone make none."""
    assert WorkSequences().run(marked("Монтаж ферм. Снос стен.")).sequences == ()
