"""Stages behind a guard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.guard import Guard
from integrations.rag_trainer.results import Result
from integrations.rag_trainer.stage import Stage, StageFailed


class Guarded:
    """A stage that works on what the guard lets in, and fails for the rest."""

    def __init__(self, stage: Stage[Any], guard: Guard) -> None:
        self._stage = stage
        self._guard = guard

    @property
    def name(self) -> str:
        """That of the stage."""
        return self._stage.name

    @property
    def result(self) -> type[Result]:
        """That of the stage."""
        return self._stage.result

    def run(self, draft: Draft) -> Any:
        """Do it.

        Raises:
            StageFailed: the document ended a process before; or what the stage raises.
        """
        refused = self._guard.refuse(draft.source.name)
        if refused is not None:
            raise StageFailed(*refused)
        return self._stage.run(draft)


def guarded(stages: Sequence[Stage[Any]], guard: Guard) -> tuple[Stage[Any], ...]:
    """Return the stages, each with the guard before it."""
    return tuple(Guarded(stage, guard) for stage in stages)
