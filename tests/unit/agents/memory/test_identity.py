from __future__ import annotations

from uuid import UUID

from agents.memory.identity import memory_id, normal

AGENT = UUID(int=1)


def test_the_same_text_has_the_same_id_in_each_process() -> None:
    """UUIDv5: a number that is written down here, and never changes."""
    assert memory_id(AGENT, "fact", "The dog is Rex") == UUID("52088b41-0b17-559e-a15d-cd1f83f286b7")
    assert memory_id(AGENT, "fact", " the  DOG\nis rex ") == memory_id(AGENT, "fact", "The dog is Rex")


def test_agent_kind_and_turn_make_another_id() -> None:
    """No two of them are confused, also when one ends as the other begins."""
    ids = {
        memory_id(AGENT, "fact", "x"),
        memory_id(UUID(int=2), "fact", "x"),
        memory_id(AGENT, "note", "x"),
        memory_id(AGENT, "fact", "x", 1),
        memory_id(AGENT, "fac", "tx"),
    }
    assert len(ids) == 5


def test_texts_are_compared_without_regard_to_case_blanks_and_forms_of_unicode() -> None:
    """A wide letter is a letter."""
    assert normal("  Ｈello\u00a0 WORLD ") == "hello world"
