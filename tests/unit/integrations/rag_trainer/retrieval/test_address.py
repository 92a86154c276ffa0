"""Documents and clauses that questions name."""

from __future__ import annotations

import time

import pytest

from integrations.rag_trainer.ports import Document
from integrations.rag_trainer.retrieval.address import address_of, addressed


def _document(name: str, designation: str | None, title: str) -> Document:
    return Document(name, "", "", title, "norms", "", designation, "ru", 1, 100, 0.0, "", 1)


DOCUMENTS = [
    _document("a.txt", "СП 48.13330.2019", "Организация строительства"),
    _document("b.txt", "ГОСТ 48-2020", "Гвозди"),
    _document("c.txt", None, "SECTION 07 13 00: waterproofing"),
    _document("d.txt", None, "ДОГОВОР ПОДРЯДА № 118-СМР"),
    _document("BCS-201.md", None, "Cold weather"),
]


@pytest.mark.parametrize(
    ("question", "names", "clauses"),
    [
        ("п. 5.2.1 СП 48", {"a.txt"}, ("5.2.1",)),
        ("СП 48.13330.2019 п.5.2", {"a.txt"}, ("5.2",)),
        ("СП 48.13330", {"a.txt"}, ()),
        ("что в ГОСТ 48?", {"b.txt"}, ()),
        ("section 07 13 00 paragraph 3.3", {"c.txt"}, ("3.3",)),
        ("section 3.3", set(), ("3.3",)),
        ("договор 118-СМР", {"d.txt"}, ()),
        ("bcs 201, 4.1", {"BCS-201.md"}, ("4.1",)),
        ("СНиП 92.05.01-91", set(), ()),
        ("толщина швов", set(), ()),
    ],
)
def test_a_question_names_documents_and_clauses(question: str, names: set[str], clauses: tuple[str, ...]) -> None:
    """By designation in full or shortened, by title, by file name; a number alone is a clause."""
    address = address_of(question)
    assert addressed(address, DOCUMENTS) == names
    assert address.clauses == clauses


def test_a_clause_begins_a_line_or_is_a_heading() -> None:
    """Clause 5.2 is neither 5.21 nor a reference to 5.2 within a sentence."""
    address = address_of("пункт 5.2")
    assert address.begins("Глава\n5.2 Высота ограды", ())
    assert address.begins("Высота", ("5.2. Ограда",))
    assert not address.begins("5.21 Высота, см. 5.2", ())


def test_hostile_questions_cost_little() -> None:
    """The longest questions there may be, under half a second of the processor each."""
    for text in ("1." * 2_000, "a" * 4_000, "сп 1" * 1_000, "1 " * 2_000):
        began = time.process_time()
        address_of(text)
        assert time.process_time() - began < 0.5
