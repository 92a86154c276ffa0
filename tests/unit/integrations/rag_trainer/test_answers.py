"""A question to the library, and what was found."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from integrations.rag_trainer.answers import Question


@pytest.mark.parametrize(
    "fields", [{"text": ""}, {"text": "x" * 4_001}, {"text": "a", "limit": 0}, {"text": "a", "limit": 51}]
)
def test_questions_are_bounded(fields: dict[str, Any]) -> None:
    """In their length, and in what they ask for."""
    with pytest.raises(ValidationError):
        Question.model_validate(fields)
