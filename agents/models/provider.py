"""One provider: its endpoint, how many ask it at once, and how often."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from random import Random

from agents.models.openai_endpoint import Endpoint
from agents.models.options import ProviderOptions
from agents.models.port import ModelEvent, Prompt
from agents.models.retries import Retrying
from agents.models.slots import Slots


class Provider:
    """Answers prompts for models of one endpoint: with bounded concurrency, and retries.

    An answer has a place while it comes, and none while it pauses before it is asked for again.

    Attributes:
        options: as it was made.
    """

    def __init__(self, options: ProviderOptions, random: Random | None = None) -> None:
        self.options = options
        self._endpoint = Endpoint(options)
        self._slots = Slots(options.name, options.concurrency, options.waiting)
        self._retrying = Retrying(_Limited(self._endpoint, self._slots), options, random)
        self._under_way = 0
        self._retired = False

    async def answer(self, prompt: Prompt) -> AsyncGenerator[ModelEvent, None]:
        """Stream the answer.

        Raises:
            ModelFailed: see `Endpoint`, `Slots` and `Retrying`.
        """
        self._under_way += 1
        try:
            async with aclosing(self._retrying.answer(prompt)) as events:
                async for event in events:
                    yield event
        finally:
            self._under_way -= 1
            await self._close_when_idle()

    async def retire(self) -> None:
        """Close the connections, once the answers under way are over."""
        self._retired = True
        await self._close_when_idle()

    async def close(self) -> None:
        """Close the connections now."""
        await self._endpoint.close()

    async def _close_when_idle(self) -> None:
        if self._retired and not self._under_way:
            await self._endpoint.close()


class _Limited:
    def __init__(self, endpoint: Endpoint, slots: Slots) -> None:
        self._endpoint = endpoint
        self._slots = slots

    async def answer(self, prompt: Prompt) -> AsyncGenerator[ModelEvent, None]:
        async with self._slots.one(), aclosing(self._endpoint.answer(prompt)) as events:
            async for event in events:
                yield event
