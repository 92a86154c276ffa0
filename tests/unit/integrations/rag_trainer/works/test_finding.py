"""Candidates in titles, tables, lists and sentences."""

from __future__ import annotations

from integrations.rag_trainer.results import Section
from integrations.rag_trainer.stages.candidates import CandidateExtraction
from integrations.rag_trainer.works.finding import SectionIndex
from tests.rag_works import draft_of


def by_rule(text: str, **shape: object) -> list[tuple[str, str]]:
    made = CandidateExtraction().run(draft_of(text, **shape))  # type: ignore[arg-type]
    return [(candidate.rule, candidate.text) for candidate in made.candidates]


def test_each_rule() -> None:
    """What finds a work depends on where it stands."""
    rows = (("№", "Наименование работ"), ("1", "Снос здания"), ("2", "Временный городок"), ("", "Итого"))
    text = "Монтаж ферм\nСварку балок ведут зимой.\n- Кладка стен;\n- залить пол\n" + "\n".join(map(" | ".join, rows))
    assert by_rule(text, titles=["Монтаж ферм"], tables=[rows]) == [
        ("title", "Монтаж ферм"),
        ("sentence", "Сварку балок"),
        ("list_item", "Кладка стен"),
        ("list_item_verb", "залить пол"),
        ("table_column", "Снос здания"),
        ("table_column_only", "Временный городок"),
    ]


def test_the_innermost_section() -> None:
    """A place in a part of a section is in that part."""
    sections = [
        Section(title="1", level=1, start=0, end=100, body=1),
        Section(title="2", level=2, parent=0, start=10, end=20, body=11),
    ]
    index = SectionIndex(sections)
    assert [index.at(place) for place in (5, 15, 50, 200)] == [0, 1, 0, None]
