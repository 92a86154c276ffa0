"""Runs on the hub: what is measured, and what the options mean. That they work is in tests/integration/test_chat.py."""

from __future__ import annotations

from agents.bus.durations import Durations
from hub.adapters.agents.runs import _histogram, run_options
from hub.sections.agents import AgentsOptions
from hub.sections.agents_runs import RunsSection


def test_options_reach_the_runs() -> None:
    """Each its own."""
    section = RunsSection(
        flush_interval=0.1,
        waiting_per_session=1,
        lease=2.0,
        sweep=3.0,
        attempts=4,
        recall_timeout=5.5,
        remember_timeout=6.0,
        longest=7.0,
        answer_characters=8,
    )
    options = run_options(AgentsOptions(runs=section))
    assert (options.flush_interval, options.waiting, options.lease, options.sweep) == (0.1, 1, 2.0, 3.0)
    assert (options.attempts, options.recall, options.remember) == (4, 5.5, 6.0)
    assert (options.longest, options.characters) == (7.0, 8)


def test_durations_as_prometheus_has_them() -> None:
    """Cumulative buckets, their count and their sum, without a label."""
    durations = Durations()
    durations.note(0.2)
    metric = _histogram("wait", "Waited.", durations)
    samples = {(one.name, one.labels.get("le")): one.value for one in metric.samples}
    assert samples["tocsin_agent_task_wait_seconds_bucket", "0.1"] == 0
    assert samples["tocsin_agent_task_wait_seconds_bucket", "+Inf"] == 1
    assert samples["tocsin_agent_task_wait_seconds_sum", None] == 0.2
