from __future__ import annotations

import time

import pytest

from agents.memory.episode import new_in, only_asks
from agents.memory.terms import ASKED_MAX, KEPT_MAX, asked_terms, identifiers, kept_terms, plain, weight


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("Проект моста", "мы проектируем мосты"),
        ("сметы", "смету согласовали"),
        ("releases", "The release is on Thursday"),
        ("小黑", "我的狗叫小黑，今年三岁"),
        ("三岁吗", "我的狗叫小黑，今年三岁"),
        ("４０２１", "the number 4021"),
        ("manager", "WebSocketManager keeps it"),
        ("pool size", "raise max_pool_size"),
        ("ЁЛКА", "елка"),
    ],
)
def test_a_question_shares_terms_with_what_answers_it(asked: str, text: str) -> None:
    """In another form of the word, without spaces, in other signs, as a part of an identifier."""
    assert set(asked_terms(asked)) & set(kept_terms(text))


@pytest.mark.parametrize(
    "identifier", ["ERR_4021", "max_pool_size", "v2.3.1", "PROJ-118", "net/client.py", "WebSocketManager", "x86"]
)
def test_identifiers_are_terms_as_a_whole(identifier: str) -> None:
    """So an exact one is told apart from one that shares its parts."""
    assert identifiers(f"see {identifier}, please") == [identifier.casefold()]
    assert identifier.casefold() in kept_terms(f"see {identifier}, please")


def test_ordinary_words_are_no_identifiers() -> None:
    """Also at the begin of a sentence, and with a hyphen they are one name."""
    assert identifiers("Hello World, это слово 和 2026") == []


def test_beginnings_count_less_than_words() -> None:
    """A beginning is never taken for a word."""
    assert weight("release") == 1.0
    assert 0 < weight("rele*") < weight("relea*") < 1
    assert "relea" not in kept_terms("release")


def test_english_endings_are_no_words() -> None:
    """What stands behind an apostrophe would fit everything."""
    assert plain("What's the lock's code? I don't know") == "What the lock code? I don know"
    assert "s" not in kept_terms("the lock's code")
    assert plain("O'Hara's") == "O'Hara"


def test_terms_are_bounded() -> None:
    """Whatever somebody pastes; and no sign breaks the database's syntax."""
    assert len(asked_terms(" ".join(f"word{number}" for number in range(500)))) == ASKED_MAX
    assert len(kept_terms(" ".join(f"word{number}" for number in range(5_000)))) == KEPT_MAX
    assert max(map(len, kept_terms("x" * 5_000 + " a_" * 300))) <= 300
    assert asked_terms("' \\ & | ! ( ) : * <->") == []
    assert asked_terms("a\x00b") == asked_terms("a b")


def test_a_long_run_of_one_letter_takes_no_time() -> None:
    """Time is in proportion to the text, whatever it is made of: a message of a user can't hold the hub up."""
    for text in (
        "x" * 200_000,
        "1" * 200_000,
        "a_" * 100_000,
        "a1" * 100_000,
        "_" * 200_000,
        "aA" * 100_000,
        "?" * 200_000,
    ):
        began = time.process_time()
        kept_terms(text)
        new_in(text, [text])
        only_asks(text)
        assert time.process_time() - began < 5
