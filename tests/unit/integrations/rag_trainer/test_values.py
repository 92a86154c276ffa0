"""What results are made of."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from integrations.rag_trainer.values import Chunk, Issue, Section, Span, Value

CHUNK: dict[str, Any] = {"id": "x", "number": 0, "text": "ab", "kind": "text", "tokens": 1, "start": 0, "end": 2}


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Span, {"start": -1, "end": 0}),
        (Section, {"title": "a", "level": 0, "body": 0, "start": 0, "end": 1}),
        (Issue, {"code": "a", "penalty": 101, "reason": "a", "recommendation": "a"}),
        (Chunk, CHUNK | {"kind": "figure"}),
        (Chunk, CHUNK | {"tokens": 0}),
    ],
)
def test_nonsense_is_refused(kind: type[Value], fields: dict[str, Any]) -> None:
    """A fault of a stage shows where it is made, and not in the index."""
    with pytest.raises(ValidationError):
        kind.model_validate(fields)
