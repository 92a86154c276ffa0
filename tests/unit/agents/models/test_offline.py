"""The responder quotes what fits, says when nothing does, and makes nothing up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from uuid import UUID

import pytest

from agents.models.offline import OFFLINE_MODEL, OfflineResponder
from agents.models.port import Citation, Finished, ModelEvent, Prompt, PromptMessage, TextDelta

FOUND = "From memory, word for word (offline responder, no language model):\n\n"


def prompt(question: str, memory: Sequence[str] = (), max_tokens: int | None = None) -> Prompt:
    """Ask with these memories, best first."""
    citations = tuple(Citation(n, UUID(int=n), text, 1 / n) for n, text in enumerate(memory, start=1))
    messages = (PromptMessage("system", "In memory: ..."), PromptMessage("user", question))
    return Prompt(OFFLINE_MODEL, messages, citations, max_tokens=max_tokens)


async def events_of(asked: Prompt) -> list[ModelEvent]:
    """Read a whole answer."""
    return [event async for event in OfflineResponder().answer(asked)]


async def said(question: str, *memory: str) -> str:
    """Return the text of an answer."""
    events = await events_of(prompt(question, memory))
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize(
    ("question", "memory", "quote"),
    [
        ("What is my cat called?", ["It rains. Remember that my cat is called Miso."], "my cat is called Miso.” [1]"),
        ("which port?", ["Nothing.\nThe Port is 8080", "x"], "- “The Port is 8080” [1]"),
        (
            "Как зовут моего кота?",
            ["Я в Казани!", "Запомни: моего кота зовут Барсик."],
            "моего кота зовут Барсик.” [2]",
        ),
        ("我的猫叫什么名字？", ["今天天气很好。我的猫叫咪咪。我住在北京。"], "- “我的猫叫咪咪。” [1]"),
    ],
    ids=["English", "lines", "Russian", "Chinese"],
)
async def test_a_fact_told_earlier_comes_back_with_its_citation(question: str, memory: list[str], quote: str) -> None:
    """Only its sentence, word for word, under a heading that names the responder."""
    text = await said(question, *memory)
    assert text.startswith(FOUND + "- “")
    assert text.endswith(quote)
    assert text.count("\n- ") == 1


async def test_several_sentences_come_in_the_order_of_their_fit() -> None:
    """At most three; each text once, with its best citation; what fits less than half as well as the best is left
    out."""
    memory = (
        "Miso likes tuna.",
        "My cat Miso likes tuna a lot.",
        "Miso likes tuna.",
        "A cat sleeps.",
        "Miso likes rain.",
    )
    assert await said("Which tuna does my cat Miso likes?", *memory) == (
        FOUND + "- “My cat Miso likes tuna a lot.” [2]\n- “Miso likes tuna.” [1]\n- “Miso likes rain.” [5]"
    )
    assert "sleeps" not in await said("Which tuna does my cat Miso likes?", *memory[1::2])


async def test_a_question_that_was_asked_before_is_no_answer() -> None:
    """It fits best of all, and says nothing; what follows it in its line may."""
    question = "What is my cat called?"
    assert (
        await said(question, question, "Do you know how my cat is called?", "My cat is Miso.")
        == FOUND + "- “My cat is Miso.” [3]"
    )
    assert await said(question, "what is my cat called? Miso!") == FOUND + "- “what is my cat called? Miso!” [1]"
    assert await said("My cat?", "MY  cat?", "my cat!") == FOUND + "- “my cat!” [2]"


async def test_what_nothing_fits_is_said_so_with_a_remedy() -> None:
    """Without anything in memory; and with what a search found by its meaning, that is quoted as no more than that."""
    remedy = "adds a language model under `agents.providers`; then choose it for this agent."
    nothing = await said("What is the capital of France?")
    assert nothing.startswith("Nothing in memory fits this (offline responder, no language model).\n\n")
    assert nothing.endswith(remedy)
    near = await said("Where do I live?", "Where? ", "My home is in Kazan. It is cold.")
    assert near.startswith("Nothing in memory has the words of this question (offline responder, no language model). ")
    assert "The nearest by meaning:\n\n- “My home is in Kazan.” [2]\n\n" in near
    assert near.endswith(remedy)


async def test_an_answer_comes_word_by_word_and_counts_nothing() -> None:
    """Chinese in pieces of a sign or two. The same question has the same answer, and tokens are unknown."""
    asked = prompt("我的猫", ["我的猫叫咪咪。"])
    events = await events_of(asked)
    assert events == await events_of(asked)
    pieces = [event.text for event in events if isinstance(event, TextDelta)]
    assert pieces[0] == "From "
    assert pieces[-7:] == ["- ", "“", "我的", "猫叫", "咪咪", "。” ", "[1]"]
    assert events[-1] == Finished("stop", None, OFFLINE_MODEL)


async def test_a_limit_of_tokens_ends_the_answer() -> None:
    """Pieces count as tokens here."""
    events = await events_of(prompt("port", ["The port is 8080."], max_tokens=2))
    assert events == [TextDelta("From "), TextDelta("memory, "), Finished("length", None, OFFLINE_MODEL)]


async def test_the_last_message_of_the_user_is_the_question() -> None:
    """Not one before, and not what the system or another agent said."""
    roles = ("user", "cat"), ("assistant", "cat"), ("user", "the dog"), ("system", "cat")
    messages = tuple(PromptMessage(role, text) for role, text in roles)  # type: ignore[arg-type]
    citations = (Citation(1, UUID(int=1), "A cat.", 1.0), Citation(2, UUID(int=2), "A dog.", 1.0))
    events = await events_of(Prompt(OFFLINE_MODEL, messages, citations))
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert text == FOUND + "- “A dog.” [2]"


async def test_long_memories_are_bounded() -> None:
    """A sentence without end is cut where everybody sees it."""
    text = await said("port", "port " * 2000)
    assert text.startswith(FOUND + "- “port port ")
    assert text.endswith("port…” [1]")
    assert len(text) < 600


@pytest.mark.parametrize("text", [".", "?", ".'", '?" ', "。", "a. "])
async def test_no_memory_is_slow_to_take_apart(text: str) -> None:
    """Whatever somebody has it remember: others are served by the same loop."""
    begun = time.process_time()
    await said("port", *[f"{text * 4000}x"] * 20)
    assert time.process_time() - begun < 1.0


async def test_the_loop_goes_on_while_it_answers() -> None:
    """Between pieces, and between memories, others run; and a pace can be set."""
    paces: list[float] = []

    async def sleep(seconds: float) -> None:
        paces.append(seconds)
        await asyncio.sleep(0)

    events = [event async for event in OfflineResponder(0.05, sleep).answer(prompt("port", ["The port is 8080."] * 3))]
    assert paces == [0.0] * 3 + [0.05] * (len(events) - 1)
