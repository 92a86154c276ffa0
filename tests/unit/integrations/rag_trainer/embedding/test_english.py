from __future__ import annotations

import numpy as np

from integrations.rag_trainer.embedding.english import DIMENSIONS, EnglishEncoder


def test_a_long_text_is_read_to_its_end() -> None:
    """Beyond the model's window too: other words at the end give another vector."""
    encoder = EnglishEncoder(threads=1)
    one, other = encoder.encode("concrete " * 300 + "hydrants"), encoder.encode("concrete " * 300 + "penalties")
    assert one.shape == (DIMENSIONS,)
    assert not np.array_equal(one, other)
    assert np.linalg.norm(encoder.encode("")) > 0.99
