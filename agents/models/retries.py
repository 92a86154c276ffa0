"""Asking a model again when it fails in a way that may pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from random import Random

from agents.models.options import ProviderOptions
from agents.models.port import Model, ModelEvent, ModelFailed, Prompt, Retried

Sleep = Callable[[float], Awaitable[None]]


class Retrying:
    """Asks a model again, with growing pauses, as long as nothing of the answer was passed on.

    The pause before the n-th retry is `backoff * 2**(n-1)` seconds, at most `backoff_max`, less a random part of up to
    a half (the "equal jitter" of M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015). What the
    provider's `Retry-After` says is the least of it; where that is over `retry_after_max`, the model isn't asked again.

    Args:
        random, sleep: injected by tests.
    """

    def __init__(
        self, model: Model, options: ProviderOptions, random: Random | None = None, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._model = model
        self._options = options
        self._random = random or Random()  # noqa: S311 - spreads pauses; nothing is secret about them
        self._sleep = sleep

    async def answer(self, prompt: Prompt) -> AsyncGenerator[ModelEvent, None]:
        """Stream the answer; each retry is told as `Retried`, before the pause.

        Raises:
            ModelFailed: of the last attempt.
        """
        attempt = 0
        while True:
            attempt += 1
            passed_on = False
            try:
                async with aclosing(self._model.answer(prompt)) as events:
                    async for event in events:
                        passed_on = True
                        yield event
                return
            except ModelFailed as failed:
                failure = failed
            if passed_on:
                raise failure
            pause = self._pause(failure, attempt)
            if pause is None:
                raise _counted(failure, attempt)
            yield Retried(prompt.model, f"{failure.message}; asked again in {pause:.1f} s", failure.code)
            await self._sleep(pause)

    def _pause(self, failure: ModelFailed, attempt: int) -> float | None:
        """Seconds until the next attempt; `None`: there is none."""
        options = self._options
        wanted = failure.retry_after or 0.0
        if not failure.temporary or attempt > options.retries or wanted > options.retry_after_max:
            return None
        grown = min(options.backoff_max, options.backoff * 2.0 ** (attempt - 1))
        spread = grown * self._random.uniform(0.5, 1.0)
        # Who were all told the same time don't all come at that time.
        return wanted + spread if wanted else spread


def _counted(failure: ModelFailed, attempts: int) -> ModelFailed:
    if attempts == 1:
        return failure
    return ModelFailed(
        failure.code,
        f"{failure.message} (asked {attempts} times)",
        temporary=failure.temporary,
        retry_after=failure.retry_after,
    )
