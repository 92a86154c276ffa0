"""Words of three scripts, and questions that find their answers by them."""

from __future__ import annotations

import pytest

from agents.models.words import Asked, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What is my cat's name?", {"cat", "s", "name"}),
        ("PORT 8080, port_8080!", {"port", "8080"}),
        ("Как зовут моего Кота? Ещё раз", {"зовут", "кота"}),
        ("我的猫叫什么名字？", {"的猫", "猫叫", "叫什", "么名", "名字"}),
        ("用Redis缓存", {"用", "redis", "缓存"}),
        ("ＣＡＴ", {"cat"}),
        ("?! …", set()),
        ("", set()),
    ],
)
def test_words_are_those_that_say_something(text: str, found: set[str]) -> None:
    """Function words are left out; Chinese goes by pairs of signs; forms of letters don't matter."""
    assert words(text) == found


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What are the cats called?", "My cat is Miso."),
        ("Где я работаю?", "Он работал на заводе."),
        ("моя зелёная кошка", "Зеленую кошку"),
        ("我的猫叫什么名字？", "我的猫叫咪咪。"),
    ],
)
def test_other_forms_of_a_word_fit_less_than_the_word(question: str, text: str) -> None:
    """An ending is no other word; and nothing fits better than the question itself."""
    assert 0 < Asked(question).fit(text) < Asked(question).fit(question) == len(words(question))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What is the capital of France?", "The cat is on the table of the house."),
        ("Кто я?", "Кто бы это был?"),
        ("今天天气怎么样", "我的猫叫咪咪。"),
        ("port 8080", "port8080 80 8081"),
        ("cot", "coterie"),
        ("", "anything"),
    ],
)
def test_what_shares_only_function_words_or_beginnings_does_not_fit(question: str, text: str) -> None:
    """Numbers are the same or aren't."""
    assert Asked(question).fit(text) == 0


def test_many_words_that_begin_alike_do_not_add_up() -> None:
    """The work for one word of a text is bounded, whatever is asked."""
    question = " ".join(f"word{letter}" for letter in "abcdefghijklmnop")
    assert Asked(question).fit("wordy") <= 4
