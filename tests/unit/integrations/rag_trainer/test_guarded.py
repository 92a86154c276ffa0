"""Stages behind a guard."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.rag_trainer.draft import Draft, Source
from integrations.rag_trainer.guard import Guard
from integrations.rag_trainer.guarded import guarded
from integrations.rag_trainer.results import Processing
from integrations.rag_trainer.stage import StageFailed


class Keeping:
    """A stage that keeps what it gets."""

    name = "type-specific processing"
    result = Processing

    def __init__(self) -> None:
        self.names: list[str] = []

    def run(self, draft: Draft) -> Processing:
        self.names.append(draft.source.name)
        return Processing(handler="generic", log="good")


def test_the_guard_is_told_before_the_stage_works() -> None:
    """The stage is what it was in all else."""
    told: list[str] = []
    stage = Keeping()
    (behind,) = guarded([stage], Guard({}, lambda name: told.append(f"{name} after {len(stage.names)}")))
    result = behind.run(Draft(Source(Path("/d/a"), "a")))
    assert (behind.name, behind.result, type(result)) == (stage.name, Processing, Processing)
    assert (told, stage.names) == (["a after 0"], ["a"])


def test_poison_does_not_get_in() -> None:
    """It fails with what is said of it, at whatever stage it comes to."""
    told: list[str] = []
    stage = Keeping()
    (behind,) = guarded([stage], Guard({"b": ("crash", "it died twice")}, told.append))
    with pytest.raises(StageFailed, match="it died twice") as failure:
        behind.run(Draft(Source(Path("/d/b"), "b")))
    assert (failure.value.reason, told, stage.names) == ("crash", [], [])
