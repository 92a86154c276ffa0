"""Asking another model when one fails."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

from agents.models.port import ModelEvent, ModelFailed, Prompt, Retried


class Fallback:
    """Asks the model that a prompt names; when it fails before any of the answer was passed on, the others in order.

    Args:
        ask: the model that a prompt names; may raise `ModelFailed` when there is none.
        others: names of models.
    """

    def __init__(self, ask: Callable[[Prompt], AsyncGenerator[ModelEvent, None]], others: Sequence[str]) -> None:
        self._ask = ask
        self._others = tuple(others)

    async def answer(self, prompt: Prompt) -> AsyncGenerator[ModelEvent, None]:
        """Stream the answer of the first model that gives one; going on to another is told as `Retried`.

        Raises:
            ModelFailed: that of the model which the prompt names, with what became of the others; or `cut`.
        """
        names = dict.fromkeys((prompt.model, *self._others))
        failures: list[ModelFailed] = []
        for name in names:
            if failures:
                last = failures[-1]
                yield Retried(name, f"{last.message}; {name} is asked instead", last.code)
            passed_on = False
            try:
                async with aclosing(self._ask(replace(prompt, model=name))) as events:
                    async for event in events:
                        passed_on = passed_on or not isinstance(event, Retried)
                        yield event
                return
            except ModelFailed as failed:
                if passed_on:
                    raise
                failures.append(failed)
        raise _all(failures)


def _all(failures: Sequence[ModelFailed]) -> ModelFailed:
    first = failures[0]
    if len(failures) == 1:
        return first
    return ModelFailed(
        first.code,
        "; then: ".join(failure.message for failure in failures),
        temporary=any(failure.temporary for failure in failures),
        retry_after=first.retry_after,
    )
