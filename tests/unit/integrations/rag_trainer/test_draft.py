"""A document on its way through the stages."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.rag_trainer.draft import Draft, Source
from integrations.rag_trainer.results import Quality, Validation

VALIDATION = Validation(log="ok", exists=True, size=3, can_read=True, format="txt")


def test_results_are_found_by_their_type() -> None:
    """The later one of a type counts."""
    draft = Draft(Source(Path("/a.txt"), "a.txt"))
    draft.put(VALIDATION.model_copy(update={"size": 1}))
    draft.put(VALIDATION)
    assert draft[Validation] is VALIDATION


def test_a_result_that_is_not_there() -> None:
    """The message names it."""
    with pytest.raises(LookupError, match="expected the result Quality; its stage has not run"):
        Draft(Source(Path("/a.txt"), "a.txt"))[Quality]
