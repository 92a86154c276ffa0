"""Updates of a training. What all messages have in common is in test_catalog.py."""

from __future__ import annotations

import pytest

from channels.messages import InvalidMessage, StageUpdate, parse_message
from channels.messages.training import STAGES, percent
from tests.message_examples.training import EXAMPLES


def test_progress_counts_stages() -> None:
    """A document's progress after each of its stages."""
    assert [percent(n) for n in range(15)] == [0, 7, 14, 21, 29, 36, 43, 50, 57, 64, 71, 79, 86, 93, 100]


@pytest.mark.parametrize("stage", [*(f"{n}/14" for n in range(1, STAGES + 1)), "queued", "start", "complete", "error"])
def test_stages_are_numbered_and_jobs_have_words(stage: str) -> None:
    """Fourteen stages, and how a job begins and ends."""
    assert parse_message("stage_update", {**EXAMPLES["stage_update"], "stage": stage}).model_dump()["stage"] == stage


@pytest.mark.parametrize("stage", ["0/14", "15/14", "7", "7/15", "done", ""])
def test_no_other_stage_is_told(stage: str) -> None:
    """A wrong stage is found where it was made."""
    with pytest.raises(InvalidMessage, match="/stage"):
        parse_message("stage_update", {**EXAMPLES["stage_update"], "stage": stage})


@pytest.mark.parametrize(
    ("field", "value"), [("progress", 101), ("progress", -1), ("progress", 7.5), ("overall_progress", 100.1)]
)
def test_percentages_are_percentages(field: str, value: float) -> None:
    """Whole ones for a document, with decimals for the job."""
    with pytest.raises(InvalidMessage, match=f"/{field}"):
        parse_message("stage_update", {**EXAMPLES["stage_update"], field: value})


def test_the_first_three_fields_are_those_of_old() -> None:
    """A client that knows `stage`, `log` and `progress` alone finds them first, with the same names."""
    assert list(StageUpdate(**EXAMPLES["stage_update"]).model_dump())[:3] == ["stage", "log", "progress"]
