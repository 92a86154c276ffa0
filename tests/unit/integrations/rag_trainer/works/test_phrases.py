"""Phrases that name a work."""

from __future__ import annotations

import time

import pytest

from integrations.rag_trainer.works.phrases import imperative, phrases, words_of


def found(text: str) -> list[str]:
    return [text[phrase.start : phrase.end] for phrase in phrases(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Обратная засыпка пазух выполняется слоями", ["Обратная засыпка пазух"]),
        ("После сварки и окраски балок", ["сварки", "окраски балок"]),
        ("Акт приёмки и журнал сварки хранят", []),
        ("разработка документации", []),
        ("welding machine and inspection report", []),
        ("erection of steel columns shall start", ["erection of steel columns"]),
        ("земляные работы ведут зимой", ["земляные работы"]),
    ],
)
def test_names(text: str, names: list[str]) -> None:
    """A noun with its object; nouns that say what a paper or a machine is for are no work."""
    assert found(text) == names


def test_verbs_at_the_beginning_of_an_item() -> None:
    """With an object; a verb alone names nothing."""
    text = "уложить бетонную смесь в опалубку"
    phrase = imperative(text, 0, len(text))
    assert phrase is not None
    assert (phrase.start, phrase.end) == (0, len(text))
    assert imperative("install", 0, 7) is None


def test_words_know_what_parts_them() -> None:
    """A comma parts, a blank doesn't."""
    assert [word.parted for word in words_of("снос, вывоз грунта", 0, 18)] == [False, True, False]


def test_the_time_is_linear() -> None:
    """Nothing but nouns of works is the worst there is."""
    text = "монтаж " * 20_000
    before = time.process_time()
    assert list(phrases(text, 0, len(text)))
    assert time.process_time() - before < 8
