"""The options of runs."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from pydantic import ValidationError

from agents.runs.options import INTERVAL_MAX, RunOptions
from hub.adapters.agents.runs import run_options
from hub.sections.agents import AgentsOptions
from hub.sections.agents_runs import RunsSection


def test_the_defaults_are_those_of_runs() -> None:
    """One place says them to people, one to the code, and both say the same."""
    assert asdict(run_options(AgentsOptions())) == asdict(RunOptions())


def test_an_answer_is_written_at_least_four_times_a_second() -> None:
    """What a kill may lose is bounded."""
    assert RunsSection(flush_interval=INTERVAL_MAX).flush_interval == INTERVAL_MAX
    with pytest.raises(ValidationError):
        RunsSection(flush_interval=INTERVAL_MAX + 0.01)
