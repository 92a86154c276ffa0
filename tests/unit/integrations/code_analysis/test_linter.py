"""The seam between an analysis and its linters."""

from __future__ import annotations

from integrations.code_analysis.linter import Linter
from integrations.code_analysis.linters.catalog import LINTERS, make_linters
from integrations.code_analysis.process import Bounds
from tests.unit.integrations.code_analysis.repositories import WordLinter


def test_all_linters_fit() -> None:
    """The real ones and the double that tests use have the same shape."""
    linters: list[Linter] = [*make_linters(LINTERS, Bounds()), WordLinter()]
    assert [linter.name for linter in linters] == [*LINTERS, "words"]
    assert all(isinstance(linter.settings, str) for linter in linters)
