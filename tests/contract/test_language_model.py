"""What every language model owes: the offline responder, an endpoint (a double of one), and a real, small model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

import aiohttp
import pytest

from agents.models.catalogue import Catalogue, CatalogueOptions
from agents.models.offline import OFFLINE_MODEL, OfflineResponder
from agents.models.options import ProviderOptions
from agents.models.port import Citation, Finished, Model, ModelEvent, Prompt, PromptMessage, TextDelta
from tests import llm_server
from tests.llm_double import MODEL, LlmDouble, hangs, llm_double, says

MEMORY = Citation(1, UUID(int=1), "The moon is the only natural satellite of the Earth, and it is far away.", 0.9)


@dataclass
class World:
    """A model to be tested.

    Attributes:
        name: it is asked by.
        counts: whether it reports tokens.
        idle: returns once nobody works at an answer any more.
        endless: makes its next answer one that goes on for long.
    """

    model: Model
    name: str
    counts: bool
    idle: Callable[[], Awaitable[None]]
    endless: Callable[[], None] = lambda: None

    def prompt(self, max_tokens: int | None = None) -> Prompt:
        """Ask about the moon."""
        messages = (PromptMessage("system", "You are a poet."), PromptMessage("user", "Tell me of the moon."))
        return Prompt(self.name, messages, (MEMORY,), temperature=0.0, max_tokens=max_tokens)

    async def answer(self, max_tokens: int | None = None) -> list[ModelEvent]:
        """Ask, and read all of it."""
        return [event async for event in self.model.answer(self.prompt(max_tokens))]


async def _nothing() -> None: ...


async def _left(double: LlmDouble) -> None:
    async with asyncio.timeout(5):
        await double.requests[-1].left.wait()


async def _idle(address: str) -> None:
    async with asyncio.timeout(5), aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{address}/slots") as response:
                if not any(slot["is_processing"] for slot in await response.json()):
                    return
            await asyncio.sleep(0.02)


@pytest.fixture(params=["offline", "double", "real"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """One of the models."""
    if request.param == "offline":
        yield World(OfflineResponder(), OFFLINE_MODEL, False, _nothing)
        return
    async with llm_double(
        says("The", " moon", " is", " round", " and", " it", " shines", " by", " night", ".")
    ) as double:
        if request.param == "double":
            url, name = double.url, MODEL
        else:
            url, name = f"{llm_server.llm_server()}/v1", llm_server.MODEL
        catalogue = Catalogue(CatalogueOptions((ProviderOptions("here", url, (name,)),)))
        if request.param == "double":
            yield World(
                catalogue, f"here/{name}", True, lambda: _left(double), lambda: double.then(hangs("The ", "moon "))
            )
        else:
            yield World(catalogue, f"here/{name}", True, lambda: _idle(llm_server.llm_server()))
        await catalogue.close()


async def test_an_answer_comes_in_pieces_and_ends_once(world: World) -> None:
    """Pieces of text, then one `Finished` that says why, who answered, and what was counted where it was."""
    *pieces, end = await world.answer(max_tokens=6)
    assert len(pieces) == 6
    assert all(isinstance(piece, TextDelta) and piece.text for piece in pieces)
    assert isinstance(end, Finished)
    assert (end.reason, end.model) == ("length", world.name)
    assert (end.usage is not None) is world.counts
    if end.usage:
        assert end.usage.input_tokens
        assert end.usage.output_tokens


async def test_closing_an_answer_ends_the_work_at_it(world: World) -> None:
    """Who reads no further pays no further; and the next answer comes as if nothing had been."""
    world.endless()
    async with aclosing(world.model.answer(world.prompt(900))) as events:
        assert isinstance(await anext(events), TextDelta)
    await world.idle()
    with pytest.raises(StopAsyncIteration):
        await anext(events)


async def test_cancelling_who_waits_ends_the_work(world: World) -> None:
    """A task that is cancelled in the middle of an answer leaves nothing behind."""
    world.endless()
    begun = asyncio.Event()

    async def read() -> None:
        async with aclosing(world.model.answer(world.prompt(900))) as events:
            async for _ in events:
                begun.set()
                await asyncio.sleep(0)

    task = asyncio.create_task(read())
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await world.idle()


async def test_two_answers_come_at_once(world: World) -> None:
    """The second comes whole while the first is still being read, and neither gets the other's pieces."""
    async with aclosing(world.model.answer(world.prompt(8))) as events:
        first = [await anext(events)]
        second = await world.answer(8)
        first += [event async for event in events]
    assert _text(first) == _text(second) != ""


def _text(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))
