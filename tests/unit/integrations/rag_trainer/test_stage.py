"""How a stage ends a file early."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.stage import STAGES, Skipped, StageFailed


@pytest.mark.parametrize("kind", [Skipped, StageFailed])
def test_it_has_a_word_and_a_sentence(kind: type[Skipped] | type[StageFailed]) -> None:
    """One for reports, one for people."""
    end = kind("duplicate", "the same text is there as a.txt")
    assert (end.reason, str(end)) == ("duplicate", "the same text is there as a.txt")


def test_there_are_fourteen() -> None:
    """Clients show `n/14`."""
    assert STAGES == 14
