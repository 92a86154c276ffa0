from __future__ import annotations

from uuid import UUID

from agents.memory.episode import Episode, new_in, only_asks

RECALLED = ["My dog is called Rex.\n→ Noted.", "Wir fahren nach Wien. Am Montag."]


def test_an_exchange_is_what_both_said() -> None:
    """The answer below the user's words, marked; without one, the user's words alone."""
    assert Episode(" Hello \n", "Good morning").told() == "Hello\n→ Good morning"
    assert Episode("Hello").told() == "Hello"
    assert Episode("", "").told() == ""


def test_what_the_answer_repeats_of_what_was_recalled_is_left_out() -> None:
    """Whole lines and single sentences, however quoted, and what announced them; what is new stays."""
    assert new_in("From memory:\n\n- “My dog is called Rex.” [1]\n- “Noted.” [1]", RECALLED) == ""
    assert new_in("my dog is called rex. He is a good dog.", RECALLED) == "He is a good dog."
    assert new_in("You said: my dog is called Rex.\nShall I write that down?", RECALLED).endswith("write that down?")
    assert new_in("Noted.", RECALLED) == "Noted.", "a short word is said anew"
    assert new_in("我的狗叫小黑，今年三岁了呢。你好！", ["我的狗叫小黑，今年三岁了呢。"]) == "你好！"


def test_numbers_of_citations_are_no_part_of_a_memory() -> None:
    """They mean something in one answer alone."""
    assert new_in("It is Rex [1], or Max [12].", []) == "It is Rex, or Max."


def test_the_shape_of_an_answer_stays() -> None:
    """Lines, lists and code."""
    answer = "Do this:\n\n```\na = [1, 2]\n```\n\n- one\n- two"
    assert new_in(answer, RECALLED) == answer


def test_a_question_without_an_answer_only_asks() -> None:
    """In any script, also in quotation marks."""
    assert only_asks("What is it?")
    assert only_asks("这是什么？")
    assert not only_asks("What is it?\n→ A dog?")
    assert not only_asks("It is a dog.")


def test_the_source_names_what_is_known_of_it() -> None:
    """Ids as text, for JSON."""
    id = UUID(int=1)
    expected = {"session_id": str(id), "message_ids": [str(id)], "task_id": str(id)}
    assert Episode("x", session_id=id, message_ids=[id], task_id=id).source == expected
    assert Episode("x").source == {}
