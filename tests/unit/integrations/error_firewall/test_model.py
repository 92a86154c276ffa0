"""What the error firewall knows and says."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from integrations.error_firewall import model
from integrations.error_firewall.model import Decision, FailMode, MatchKind, OutcomeKind, PredicateKind, Status
from tests.firewall_kit import record_of


def test_words_are_their_values() -> None:
    """They are stored and sent: changing one is a change of the format."""
    words = [[member.value for member in enum] for enum in (Status, Decision, MatchKind, FailMode, OutcomeKind)]
    assert words == [
        ["observed", "suggested", "confirmed", "retired"],
        ["allow", "warn", "block"],
        ["exact", "rule", "similar"],
        ["open", "closed"],
        ["worked", "did_not", "repeated", "overridden", "false_block"],
    ]
    assert [kind.value for kind in PredicateKind] == ["equals", "one_of", "range", "version", "regex"]


def test_values_never_change() -> None:
    """They are shared by threads."""
    classes = [value for value in vars(model).values() if dataclasses.is_dataclass(value)]
    assert len(classes) >= 12
    with pytest.raises(dataclasses.FrozenInstanceError):
        record_of().status = Status.CONFIRMED  # type: ignore[misc]


def test_times_are_seconds_since_1970() -> None:
    """As the clocks give them."""
    assert datetime.fromtimestamp(record_of(created_at=1_800_000_000.0).created_at, UTC).year == 2027
