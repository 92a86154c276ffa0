from __future__ import annotations

from collections import Counter

from benchmarks.agent_memory.labelled import memories, questions


def test_the_set_is_large_enough_and_in_three_languages() -> None:
    """Each question has an answer that is there, and no memory or question stands twice."""
    known, asked = memories(), questions()
    assert len(known) >= 60
    assert len(asked) >= 40
    assert min(Counter(question.language for question in asked).values()) >= 10
    assert set().union(*(question.answers for question in asked)) <= set(known)
    assert all(question.answers for question in asked)
    assert len(set(known.values())) == len(known)
    assert len({question.text for question in asked}) == len(asked)
