"""The dynamic pool beside a plain one: the measurement itself, in small."""

from __future__ import annotations

import dataclasses

from benchmarks.integrations.pool import (
    BUDGET_US,
    EVERY_QUERY,
    STATES,
    STEP_OPTIONS,
    Cost,
    Moment,
    StepLoad,
    costs,
    step_load,
)
from tests.postgres_server import database, postgres

__all__ = ["database", "postgres"]


async def test_every_state_of_the_hub_gives_the_same_answers(database: str) -> None:
    """Present, standing still, full, stopped or absent: the business code can't tell."""
    found = await costs(database, rounds=2, calls=5)
    assert [cost.hub for cost in found] == list(STATES)
    assert all(cost.same and cost.plain_us > 0 for cost in found)
    by_state = {cost.hub: cost for cost in found}
    assert by_state[EVERY_QUERY].pushes >= 10


def test_the_budget_is_of_a_query_that_is_nothing_special() -> None:
    """A message for each query is measured, and has no budget; another answer is never within."""
    cost = Cost("present", 100.0, BUDGET_US - 1, 5.0, 3, same=True)
    assert cost.within
    assert not dataclasses.replace(cost, added_us=BUDGET_US).within
    assert dataclasses.replace(cost, hub=EVERY_QUERY, added_us=50.0).within
    assert not dataclasses.replace(cost, same=False).within


async def test_the_pool_follows_the_steps(database: str) -> None:
    """It grows, never beyond its maximum on the server, and shrinks again; no query fails."""
    options = dataclasses.replace(
        STEP_OPTIONS, minimum=2, maximum=6, sample_interval=0.02, grow_cooldown=0.02, shrink_cooldown=0.05
    )
    run = await step_load(database, ((0.2, 1), (0.6, 9), (0.8, 1)), options)
    assert run.failed == 0
    assert run.queries > 20
    assert max(moment.size for moment in run.moments) == 6
    assert run.moments[-1].size < 6
    assert 2 < run.peak <= 6
    assert [change["new_size"] for change in run.resizes][-1] == run.moments[-1].size
    assert {moment.workers for moment in run.moments} == {1, 9}


def test_the_peak_is_the_servers() -> None:
    """The most sessions that it told."""
    moments = [Moment(at, 1, 4, 1, 0, sessions) for at, sessions in ((0.0, 3), (1.0, 5), (2.0, 4))]
    assert StepLoad(8, 10, 0, moments).peak == 5
