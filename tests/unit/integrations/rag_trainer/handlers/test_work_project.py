"""Operations of work projects."""

from __future__ import annotations

from integrations.rag_trainer.handlers.work_project import WorkOperations
from tests.rag_works import marked


def test_operations() -> None:
    """Machines, people and days that stand with a work; a work without any is left out."""
    text = "Снос стен ведёт экскаватор и прораб, в течение 3 суток.\nКладка стен.\n"
    text += "Pile driving by a crane with a welder.\n"
    made = WorkOperations().items(marked(text))
    assert [(item.text, {k: v for k, v in item.data.items() if k != "work"}) for item in made] == [
        ("Снос стен", {"machines": ["экскаватор"], "people": ["прораб"], "days": 3.0}),
        ("Pile driving", {"machines": ["crane"], "people": ["welder"]}),
    ]
    assert all(text[item.start : item.end] == item.text for item in made)
