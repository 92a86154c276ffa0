"""What stages make: values that survive a restart."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from integrations.rag_trainer.results import Chunk, Chunks, Text

CHUNK = Chunk(id="0c5a1b1e-0000-5000-8000-000000000000", number=0, text="ab", kind="text", tokens=1, start=0, end=2)


def test_vectors_come_back_from_json() -> None:
    """Bit for bit, one row per chunk."""
    vectors = np.array([[0.25, -1.0], [3.5, 1e-9]], dtype="<f4")
    made = Chunks(log="2", chunks=(CHUNK, CHUNK), model="m", dimensions=2, vectors=vectors.tobytes())
    again = Chunks.model_validate_json(made.model_dump_json())
    assert again == made
    assert (again.matrix() == vectors).all()


def test_results_are_exact() -> None:
    """An unknown field is a fault of the stage, and nobody changes a result later."""
    text = Text(log="2 characters", text="ab", language="en")
    with pytest.raises(ValidationError, match="extra"):
        Text.model_validate({**text.model_dump(), "txet": ""})
    with pytest.raises(ValidationError, match="frozen"):
        text.text = "b"  # type: ignore[misc]
