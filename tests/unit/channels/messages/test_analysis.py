"""Messages of analyses."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from channels.messages import AnalysisFinding, AnalysisProgress
from tests.message_examples import EXAMPLES


def test_progress_is_in_percent() -> None:
    """From 0 to 100."""
    for wrong in (-1, 101, 33.3):
        with pytest.raises(ValidationError):
            AnalysisProgress(**{**EXAMPLES["analysis_progress"], "progress": wrong})


def test_a_file_may_have_any_visible_name() -> None:
    """It is a path and no name: longer, and with whatever is left when it was made visible."""
    finding = AnalysisFinding(**{**EXAMPLES["analysis_finding"], "file": "-a b/ü\\n" + "x" * 400})
    assert finding.file.startswith("-a b/ü\\n")
    with pytest.raises(ValidationError):
        AnalysisFinding(**{**EXAMPLES["analysis_finding"], "file": "x" * 501})


def test_severities_are_three() -> None:
    """Whatever each linter calls them."""
    with pytest.raises(ValidationError):
        AnalysisFinding(**{**EXAMPLES["analysis_finding"], "severity": "fatal"})
