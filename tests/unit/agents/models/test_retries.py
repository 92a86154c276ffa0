"""Retries wait longer each time, and stop where asking again can't help or would repeat an answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from agents.models.options import ProviderOptions
from agents.models.port import Finished, ModelEvent, ModelFailed, Prompt, PromptMessage, Retried, TextDelta
from agents.models.retries import Retrying

PROMPT = Prompt("p/m", (PromptMessage("user", "hi"),))
BUSY = ModelFailed("unavailable", "busy", temporary=True)
WRONG = ModelFailed("refused", "wrong", temporary=False)
ANSWER = (TextDelta("Hello"), Finished("stop"))


@dataclass
class Scripted:
    """A model whose answers are scripted: events, and errors among them. `pauses` are those between the attempts."""

    attempts: list[tuple[ModelEvent | ModelFailed, ...]]
    asked: int = 0
    pauses: list[float] = field(default_factory=list)

    async def answer(self, prompt: Prompt) -> AsyncGenerator[ModelEvent, None]:
        self.asked += 1
        for event in self.attempts[self.asked - 1]:
            if isinstance(event, ModelFailed):
                raise event
            yield event

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def retrying(self, **options: Any) -> Retrying:
        """Put retries before it."""
        made = ProviderOptions("p", "http://127.0.0.1/v1", ("m",), **options)
        return Retrying(self, made, Random(1), self.sleep)


async def test_what_may_pass_is_asked_again_with_growing_pauses() -> None:
    """Each pause is half to all of one that doubles up to a bound, and is told before it begins."""
    model = Scripted([(BUSY,)] * 5 + [ANSWER])
    events = [event async for event in model.retrying(retries=5, backoff=1.0, backoff_max=4.0).answer(PROMPT)]
    assert events[-2:] == list(ANSWER)
    assert [isinstance(event, Retried) and event.model for event in events[:5]] == ["p/m"] * 5
    assert events[0] == Retried("p/m", f"busy; asked again in {model.pauses[0]:.1f} s", "unavailable")
    assert all(most / 2 <= pause <= most for pause, most in zip(model.pauses, (1, 2, 4, 4, 4), strict=True))
    assert len(set(model.pauses)) == 5


async def test_a_model_is_given_up_after_its_retries() -> None:
    """The last failure is the one that counts, with the number of attempts."""
    model = Scripted([(BUSY,)] * 3)
    with pytest.raises(ModelFailed, match=r"busy \(asked 3 times\)") as caught:
        assert [event async for event in model.retrying(retries=2).answer(PROMPT)] == []
    assert (caught.value.code, caught.value.temporary, model.asked) == ("unavailable", True, 3)


@pytest.mark.parametrize("text", ["Hel", ""], ids=["text", "an empty piece"])
async def test_what_was_passed_on_is_never_asked_for_again(text: str) -> None:
    """Whoever read the beginning would read it twice."""
    model = Scripted([(TextDelta(text), BUSY), ANSWER])
    events = model.retrying().answer(PROMPT)
    assert await anext(events) == TextDelta(text)
    with pytest.raises(ModelFailed, match=r"^busy$"):
        await anext(events)
    assert (model.asked, model.pauses) == (1, [])


async def test_what_stays_wrong_is_not_asked_again() -> None:
    """Neither a pause nor a second request."""
    model = Scripted([(WRONG,), ANSWER])
    with pytest.raises(ModelFailed, match=r"^wrong$"):
        await anext(model.retrying().answer(PROMPT))
    assert (model.asked, model.pauses) == (1, [])


async def test_the_provider_says_when_to_come_back() -> None:
    """Never sooner than it asks, and not all at that very moment; a time that is too far away isn't waited for."""
    later = ModelFailed("rate_limited", "slow down", temporary=True, retry_after=20.0)
    model = Scripted([(later,), ANSWER])
    assert [event async for event in model.retrying(backoff=1.0).answer(PROMPT)][1:] == list(ANSWER)
    assert 20.5 <= model.pauses[0] <= 21.0
    model = Scripted([(later,), ANSWER])
    with pytest.raises(ModelFailed) as caught:
        await anext(model.retrying(retry_after_max=19.0).answer(PROMPT))
    assert (caught.value.retry_after, model.pauses) == (20.0, [])
