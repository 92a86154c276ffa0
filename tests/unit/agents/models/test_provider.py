"""A provider bounds how many ask it at once, asks again, and ends when its answers have."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from random import Random

import pytest

from agents.models.options import ProviderOptions
from agents.models.port import Finished, ModelEvent, ModelFailed, Prompt, PromptMessage, Retried, TextDelta
from agents.models.provider import Provider
from tests.llm_double import MODEL, LlmDouble, hangs, llm_double, refuses, says

PROMPT = Prompt(f"p/{MODEL}", (PromptMessage("user", "hi"),))


def options(double: LlmDouble, concurrency: int = 8) -> ProviderOptions:
    """Reach a double, without long pauses."""
    return ProviderOptions("p", double.url, (MODEL,), backoff=0.001, concurrency=concurrency)


async def read(provider: Provider) -> list[ModelEvent]:
    """Ask, and read all."""
    return [event async for event in provider.answer(PROMPT)]


async def test_an_overloaded_endpoint_is_asked_again() -> None:
    """A 429 and a 500 cost a pause each, which is told; the reader gets one whole answer."""
    steps = refuses(429, headers={"Retry-After": "0"}), refuses(500), says("Hello")
    async with llm_double(*steps) as double:
        provider = Provider(options(double), Random(1))
        first, second, *rest = await read(provider)
        await provider.close()
    assert isinstance(first, Retried)
    assert isinstance(second, Retried)
    assert ("429" in first.reason, "500" in second.reason) == (True, True)
    assert rest[0] == TextDelta("Hello")
    assert isinstance(rest[1], Finished)
    assert len(double.requests) == 3


async def test_one_more_than_may_waits_for_its_turn() -> None:
    """The endpoint hears of it only when an answer has ended, whole or left."""
    async with llm_double(hangs("He"), says("Hello")) as double:
        provider = Provider(options(double, concurrency=1))
        async with aclosing(provider.answer(PROMPT)) as events:
            await anext(events)
            waiting = asyncio.create_task(read(provider))
            for _ in range(20):
                await asyncio.sleep(0)
            assert len(double.requests) == 1
        assert (await waiting)[0] == TextDelta("Hello")
        await provider.close()


async def test_a_retired_provider_ends_with_its_last_answer() -> None:
    """The answer under way comes whole; after it nothing is sent any more."""
    go_on = asyncio.Event()
    async with llm_double(says("Hello", go_on, " there")) as double:
        provider = Provider(options(double))
        async with aclosing(provider.answer(PROMPT)) as events:
            await anext(events)
            await provider.retire()
            go_on.set()
            assert await anext(events) == TextDelta(" there")
            assert isinstance(await anext(events), Finished)
        with pytest.raises((ModelFailed, RuntimeError)):
            await read(provider)
        assert len(double.requests) == 1


async def test_an_idle_provider_is_retired_at_once() -> None:
    """Twice is once."""
    async with llm_double() as double:
        provider = Provider(options(double))
        assert len(await read(provider)) == 3
        await provider.retire()
        await provider.retire()
        with pytest.raises((ModelFailed, RuntimeError)):
            await read(provider)
        assert len(double.requests) == 1
