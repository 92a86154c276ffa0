"""Stage 9: break a document on purpose; its score falls and says why."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.results import Dated, DocumentType, Metadata, Quality, Structure, Text
from integrations.rag_trainer.stages.quality import QualityControl
from tests.rag_works import marked

BODY = "Монтаж ферм\nВедут после сноса стен и вывоза грунта. Монтаж ферм ведут после сноса стен.\nКонтроль сварки\n"
FILL = "".join(f"Пункт {n} говорит о чём-то своём и ни на что не похож.\n" for n in range(12))


def draft(
    text: str = BODY + FILL, *, titles: tuple[str, ...] = ("Монтаж ферм", "Контроль сварки"), **shape: object
) -> Draft:
    made = marked(text, titles=titles, **shape)
    dates = tuple(Dated(start=n, end=n + 1, text="x", value="2024") for n in range(3))
    made.put(Metadata(log="", dates=dates))
    return made


def judged(made: Draft) -> Quality:
    return QualityControl().run(made)


def test_a_good_document_has_100() -> None:
    """No penalty without a reason."""
    quality = judged(draft())
    assert (quality.score, quality.issues, quality.log) == (100, (), "quality 100 of 100")


TITLES = {"titles": ("Один", "Два")}
BROKEN: dict[str, dict[str, object]] = {
    "uncertain_type": {"confidence": 0.42},
    "few_sections": {"titles": ("Монтаж ферм",)},
    "incomplete_structure": {"completeness": 0.2},
    "few_works": {"text": "Один\nМонтаж ферм ведут после сноса стен.\nДва\n" + FILL, **TITLES},
    "no_dependencies": {"text": "Один\nМонтаж ферм. Снос стен. Вывоз грунта.\nДва\n" + FILL, **TITLES},
    "contradictory_order": {"text": BODY + "Снос стен ведут после монтажа ферм.\n" + FILL},
    "short_text": {"text": BODY},
    "repeated_lines": {"text": BODY + FILL + "Колонтитул страницы\n" * 20},
}


def without(kind: str) -> Draft:
    made = draft(**BROKEN.get(kind, {}))  # type: ignore[arg-type]
    if kind == "little_metadata":
        made.put(Metadata(log=""))
    elif kind == "unread_parts":
        made.put(made[Text].model_copy(update={"warnings": ("page 3 has no text",)}))
    elif kind == "unreadable_characters":
        made.put(made[Text].model_copy(update={"text": made[Text].text + "\ufffd" * 9}))
    return made


@pytest.mark.parametrize(
    ("kind", "penalty", "number"),
    [
        ("uncertain_type", 15, "0.42"),
        ("few_sections", 20, "1 sections"),
        ("incomplete_structure", 10, "20%"),
        ("little_metadata", 15, "0 dates"),
        ("few_works", 10, "2 works"),
        ("no_dependencies", 5, "0 dependencies"),
        ("contradictory_order", 5, "1 dependencies"),
        ("short_text", 10, "characters, below 500"),
        ("unread_parts", 5, "page 3 has no text"),
        ("unreadable_characters", 15, "9 of"),
        ("repeated_lines", 10, "20 of"),
    ],
)
def test_each_fault_costs_and_says_why(kind: str, penalty: int, number: str) -> None:
    """Its own penalty and no other's, the measured number, and what to do."""
    quality = judged(without(kind))
    assert [(issue.code, issue.penalty) for issue in quality.issues] == [(kind, penalty)]
    assert number in quality.issues[0].reason
    assert quality.issues[0].recommendation
    assert quality.score == 100 - penalty
    assert f"{kind} -{penalty}" in quality.log


def test_other_types_need_no_works() -> None:
    """A contract without works is no worse for it."""
    assert judged(draft(FILL, titles=("Пункт 1 ", "Пункт 2 "), type="contract")).score == 100


def test_not_below_0() -> None:
    """However bad it is."""
    made = draft("\ufffd", titles=(), confidence=0.0, completeness=0.0)
    made.put(made[Text].model_copy(update={"warnings": tuple("abcdefgh")}))
    assert judged(made).score == max(0, 100 - sum(issue.penalty for issue in judged(made).issues))
    assert made[Structure].sections == ()


def test_a_document_of_no_type_is_not_uncertain() -> None:
    """A letter is no broken norm."""
    made = draft(confidence=0.42)
    made.put(made[DocumentType].model_copy(update={"type": "generic"}))
    assert "uncertain_type" not in [issue.code for issue in judged(made).issues]
