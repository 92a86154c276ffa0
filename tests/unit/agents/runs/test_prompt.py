"""What a model is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from agents.catalog.agent import AgentConfig
from agents.memory.item import Recalled
from agents.models.port import Citation, PromptMessage
from agents.runs.prompt import MEMORIES_HEAD, build, cited, estimated_tokens, newest


def said(*contents: str) -> list[PromptMessage]:
    return [PromptMessage("user" if index % 2 == 0 else "assistant", text) for index, text in enumerate(contents)]


def remembered(text: str, score: float = 0.5) -> Recalled:
    return Recalled(uuid4(), text, "fact", score, {}, datetime(2026, 11, 2, 8, tzinfo=UTC))


def test_the_parts_and_their_order() -> None:
    """Instructions and numbered memories in one system message, what was said before, and the message, once."""
    config = AgentConfig(instructions=" Be kind. ", temperature=0.3, max_tokens=70)
    memories = [remembered("One."), remembered(" Two. ")]
    built = build(config, "a/b", memories, said("q", "a"), "Hi")
    prompt = built.prompt
    assert [(one.role, one.content) for one in prompt.messages] == [
        ("system", f"Be kind.\n\n{MEMORIES_HEAD}\n\n[1] (2026-11-02) One.\n\n[2] (2026-11-02) Two."),
        ("user", "q"),
        ("assistant", "a"),
        ("user", "Hi"),
    ]
    assert [(one.number, one.memory_id) for one in prompt.citations] == [
        (1, memories[0].memory_id),
        (2, memories[1].memory_id),
    ]
    assert (prompt.model, prompt.temperature, prompt.max_tokens, prompt.tools) == ("a/b", 0.3, 70, ())


def test_nothing_to_say_is_no_system_message() -> None:
    """Without instructions and memories the conversation stands alone."""
    assert [one.role for one in build(AgentConfig(), "a/b", [], [], "Hi").prompt.messages] == ["user"]


def test_the_newest_of_the_history_within_both_limits() -> None:
    """So many messages and so many tokens at most; what is older than one that doesn't fit is left out too."""
    history = said("old", "x" * 400, "new", "newer")
    assert newest(history, 2, 1_000) == history[2:]
    assert newest(history, 10, 50) == history[2:]
    assert newest(history, 10, 1_000) == history
    assert newest(history, 0, 1_000) == []
    assert newest(history, 10, 0) == []
    built = build(AgentConfig(history_messages=3), "a/b", [], history, "Hi")
    assert (len(built.prompt.messages), built.left_out) == (4, 1)


def test_ten_messages_and_four_thousand_tokens_are_the_default() -> None:
    """As agents have it that say nothing about it."""
    assert len(build(AgentConfig(), "a/b", [], said(*["x"] * 30), "Hi").prompt.messages) == 11
    assert len(build(AgentConfig(), "a/b", [], said(*["x" * 4_000] * 30), "Hi").prompt.messages) == 4


def test_tokens_are_estimated_by_bytes() -> None:
    """Scripts with longer characters have more tokens per character."""
    assert estimated_tokens("") == 4
    assert estimated_tokens("four") == 5
    assert estimated_tokens("привет") == 7


def test_citations_are_those_that_the_answer_names() -> None:
    """Each once, in the prompt's order; a number that no memory has is nobody's."""
    one, two = (Citation(number, uuid4(), f"text {number}", 0.5) for number in (1, 2))
    found = cited("So [2], and again [2], not [7] or (1).", [one, two])
    assert found == [{"number": 2, "memory_id": str(two.memory_id), "text": "text 2", "score": 0.5}]
