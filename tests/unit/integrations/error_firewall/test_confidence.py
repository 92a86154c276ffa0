"""How sure the firewall is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.error_firewall.confidence import confidence, counted
from integrations.error_firewall.model import Evidence, OutcomeKind

COUNTS = st.integers(0, 1_000_000)


def test_without_outcomes_nothing_is_sure() -> None:
    """0.5, and the counts show that it rests on nothing."""
    sure = confidence(Evidence())
    assert (sure.value, sure.successes, sure.failures) == (0.5, 0, 0)
    assert sure.low < 0.1
    assert sure.high > 0.9


@pytest.mark.parametrize(
    ("evidence", "value"),
    [
        (Evidence(worked=1), 2 / 3),
        (Evidence(worked=8), 0.9),
        (Evidence(worked=4, repeated=4), 0.9),
        (Evidence(did_not=1), 1 / 3),
        (Evidence(false_blocks=8), 0.1),
        (Evidence(overridden=100), 0.5),
    ],
)
def test_it_is_the_mean_of_the_posterior(evidence: Evidence, value: float) -> None:
    """An override alone is no evidence: what came of it is."""
    assert confidence(evidence).value == pytest.approx(value, abs=1e-4)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_it_stays_between_its_bounds(worked: int, did_not: int, repeated: int, false_blocks: int) -> None:
    """0 <= low <= value <= high <= 1, and evidence moves it its own way."""
    evidence = Evidence(worked, did_not, repeated, 0, false_blocks)
    sure = confidence(evidence)
    assert 0 <= sure.low <= sure.value <= sure.high <= 1
    assert confidence(counted(evidence, OutcomeKind.WORKED)).value >= sure.value
    assert confidence(counted(evidence, OutcomeKind.FALSE_BLOCK)).value <= sure.value


@pytest.mark.parametrize("kind", OutcomeKind)
def test_each_outcome_is_counted_once(kind: OutcomeKind) -> None:
    """In its own field."""
    counts = counted(Evidence(1, 1, 1, 1, 1), kind)
    fields = (counts.worked, counts.did_not, counts.repeated, counts.overridden, counts.false_blocks)
    assert sorted(fields) == [1, 1, 1, 1, 2]
