"""How sure the firewall is of a record or rule, by what came of it; never by what somebody typed in."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from typing import Final

from integrations.error_firewall.model import Confidence, Evidence, OutcomeKind

_Z: Final = 1.645
"""Standard deviations on each side of the mean that hold 90 % of a normal distribution."""


def confidence(evidence: Evidence) -> Confidence:
    """Return the mean of Beta(1 + successes, 1 + failures), its counts, and an interval by the normal approximation.

    An override alone says nothing: what came of it is counted when it is known.
    """
    successes = evidence.worked + evidence.repeated
    failures = evidence.did_not + evidence.false_blocks
    a, b = 1 + successes, 1 + failures
    mean = a / (a + b)
    spread = _Z * sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
    return Confidence(
        round(mean, 4), successes, failures, round(max(0.0, mean - spread), 4), round(min(1.0, mean + spread), 4)
    )


def counted(evidence: Evidence, kind: OutcomeKind) -> Evidence:
    """Return the evidence with one more outcome."""
    field = "false_blocks" if kind is OutcomeKind.FALSE_BLOCK else kind.value
    return replace(evidence, **{field: getattr(evidence, field) + 1})
