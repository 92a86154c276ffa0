"""What the text says about order."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.results import Markup
from tests.rag_works import marked


def order(text: str, **shape: object) -> set[str]:
    markup = marked(text, **shape)[Markup]
    names = {work.id: work.name for work in markup.works}
    return {f"{names[edge.before]} < {names[edge.after]}" for edge in markup.dependencies}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Монтаж колонн следует выполнять после приёмки фундаментов.", {"Приемка фундаментов < Монтаж колонн"}),
        ("После сноса здания выполняют монтаж ферм.", {"Снос здания < Монтаж ферм"}),
        ("До начала устройства кровли ведут сварку балок.", {"Сварка балок < Устройство кровли"}),
        ("Перед укладкой плит ведут очистку основания.", {"Очистка основания < Укладка плит"}),
        ("Сварку балок ведут перед укладкой плит.", {"Сварка балок < Укладка плит"}),
        ("Не допускается засыпка пазух до окончания гидроизоляции стен.", {"Гидроизоляция стен < Засыпка пазух"}),
        ("Монтаж ферм, затем окраска ферм.", {"Монтаж ферм < Окраска ферм"}),
        ("Водопонижение ведут до окончания засыпки котлована.", set()),
        ("Не допускается сварка балок после окраски балок.", set()),
        ("Сварка балок допускается не ранее чем через 3 суток.", set()),
        (
            "Formwork installation starts after excavation of the pit.",
            {"Excavation of the pit < Formwork installation"},
        ),
        (
            "Prior to placing of concrete, the welding of bars shall be finished.",
            {"Welding of bars < Placing of concrete"},
        ),
        ("Site clearance is done before pile driving.", {"Site clearance < Pile driving"}),
        ("Backfilling shall not begin until the testing of pipes.", {"Testing of pipes < Backfilling"}),
        ("Roof painting starts once the welding of beams is complete.", {"Welding of beams < Roof painting"}),
        ("Following demolition of walls, the site clearance starts.", {"Demolition of walls < Site clearance"}),
    ],
)
def test_sentences(text: str, said: set[str]) -> None:
    """After, before, not until, once, following, then; what says no order gives none."""
    assert order(text) == said


@pytest.mark.parametrize(
    "list_", ["1) снос стен; 2) вывоз грунта; 3) кладка стен.", "\n- снос стен;\n- вывоз грунта;\n- кладка стен."]
)
def test_a_list_that_is_called_a_sequence(list_: str) -> None:
    """Each item after the one before; a list that isn't called one gives nothing."""
    said = {"Снос стен < Вывоз грунта", "Вывоз грунта < Кладка стен"}
    assert order(f"Работы ведут в следующей последовательности: {list_}") == said
    assert order(f"Ведут работы: {list_}") == set()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "До начала монтажа ферм выполняют:\n- снос стен;\n- вывоз грунта.",
            {"Снос стен < Монтаж ферм", "Вывоз грунта < Монтаж ферм"},
        ),
        ("После сноса стен и вывоза грунта:\n1) кладка перегородок;\n2) окраска перегородок.", {
            "Снос стен < Кладка перегородок", "Вывоз грунта < Кладка перегородок",
            "Снос стен < Окраска перегородок", "Вывоз грунта < Окраска перегородок",
        }),
        (
            "Before placing of concrete, do the following:\n- excavation of the pit;\n- welding of bars.",
            {"Excavation of the pit < Placing of concrete", "Welding of bars < Placing of concrete"},
        ),
        ("До начала монтажа ферм не допускается:\n- снос стен;\n- вывоз грунта.", set()),
        ("До начала монтажа ферм ждут.\n- снос стен;\n- вывоз грунта.", set()),
    ],
)  # fmt: skip
def test_a_list_that_a_work_leads(text: str, said: set[str]) -> None:
    """Each item is before it, or after it; a sentence that opens no list, or forbids, says nothing."""
    assert order(text) == said


def test_a_list_in_a_section_that_is_called_a_sequence() -> None:
    """The title says so, too."""
    text = "Work sequence\n1. Demolition of walls\n2. Excavation of the pit"
    assert order(text, titles=["Work sequence"]) == {"Demolition of walls < Excavation of the pit"}


def test_several_works_at_once() -> None:
    """Joined by and: each of them."""
    said = order("После сноса стен и вывоза грунта ведут кладку перегородок.")
    assert said == {"Снос стен < Кладка перегородок", "Вывоз грунта < Кладка перегородок"}
