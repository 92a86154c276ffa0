"""Pieces of bounded size."""

from __future__ import annotations

import pytest

from channels.redis.batches import batches


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 7])
def test_nothing_is_lost_or_changed(number: int) -> None:
    """All in order, each piece full but the last."""
    pieces = list(batches(iter(range(number)), 3))
    assert [item for piece in pieces for item in piece] == list(range(number))
    assert [len(piece) for piece in pieces[:-1]] == [3] * (len(pieces) - 1)
    assert all(0 < len(piece) <= 3 for piece in pieces)
