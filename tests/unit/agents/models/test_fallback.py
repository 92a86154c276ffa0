"""Another model is asked only as long as nobody has heard the first one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping

import pytest

from agents.models.fallback import Fallback
from agents.models.port import Finished, ModelEvent, ModelFailed, Prompt, PromptMessage, Retried, TextDelta

BUSY = ModelFailed("rate_limited", "a is busy", temporary=True, retry_after=9.0)
WRONG = ModelFailed("refused", "b is wrong", temporary=False)
CUT = ModelFailed("cut", "it broke", temporary=True)
AGAIN = Retried("p/a", "a was asked again", "unavailable")


def fallback(models: Mapping[str, tuple[ModelEvent | ModelFailed, ...]]) -> Fallback:
    """Ask scripted models by name, in the order of the mapping."""

    async def ask(prompt: Prompt) -> AsyncGenerator[ModelEvent, None]:
        for event in models[prompt.model]:
            if isinstance(event, ModelFailed):
                raise event
            yield event

    return Fallback(ask, list(models))


async def read(model: Fallback, name: str) -> tuple[list[ModelEvent], ModelFailed | None]:
    """Read an answer: the events, and how it failed."""
    events: list[ModelEvent] = []
    try:
        async for event in model.answer(Prompt(name, (PromptMessage("user", "hi"),))):
            events.append(event)  # noqa: PERF401 - what came before the failure counts
    except ModelFailed as failed:
        return events, failed
    return events, None


async def test_the_next_model_is_asked_and_named() -> None:
    """In the order given; retries of one model aren't yet an answer."""
    model = fallback({"p/a": (AGAIN, BUSY), "p/b": (WRONG,), "p/c": (TextDelta("Hi"), Finished("stop", None, "p/c"))})
    events, failed = await read(model, "p/a")
    assert failed is None
    assert events == [
        AGAIN,
        Retried("p/b", "a is busy; p/b is asked instead", "rate_limited"),
        Retried("p/c", "b is wrong; p/c is asked instead", "refused"),
        TextDelta("Hi"),
        Finished("stop", None, "p/c"),
    ]


async def test_the_model_that_was_named_is_the_first_and_asked_once() -> None:
    """Also when it stands in the list of the others."""
    events, failed = await read(fallback({"p/a": (BUSY,), "p/b": (WRONG,)}), "p/b")
    assert events == [Retried("p/a", "b is wrong; p/a is asked instead", "refused")]
    assert failed is not None
    assert failed.message == "b is wrong; then: a is busy"
    assert (failed.code, failed.temporary) == ("refused", True)


async def test_after_the_first_piece_there_is_no_other_model() -> None:
    """Two halves of two models aren't an answer."""
    events, failed = await read(fallback({"p/a": (TextDelta("He"), CUT), "p/b": (TextDelta("x"),)}), "p/a")
    assert (events, failed) == ([TextDelta("He")], CUT)


async def test_without_others_the_failure_is_the_models_own() -> None:
    """With all that it carries."""
    assert await read(fallback({"p/a": (BUSY,)}), "p/a") == ([], BUSY)


@pytest.mark.parametrize("name", ["p/a", "p/b"])
async def test_a_model_that_answers_needs_no_other(name: str) -> None:
    """Nothing is told of a change that there wasn't."""
    answer = (TextDelta("Hi"), Finished("stop"))
    assert await read(fallback({"p/a": answer, "p/b": answer}), name) == (list(answer), None)
