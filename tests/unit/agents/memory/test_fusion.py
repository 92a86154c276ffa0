from __future__ import annotations

from uuid import UUID

import pytest

from agents.memory.fusion import K, fuse

A, B, C = (UUID(int=number) for number in range(3))


def test_what_both_rankings_have_in_front_comes_first() -> None:
    """The most possible is 1."""
    fused = fuse([[(A, 1.0), (B, 1.0)], [(A, 1.0), (C, 1.0)]])
    assert fused[A] == pytest.approx(1.0)
    assert fused[B] == fused[C] == pytest.approx((K + 1) / (K + 2) / 2)


def test_one_ranking_keeps_its_order() -> None:
    """Without vectors, words alone decide."""
    fused = fuse([[(B, 1.0), (A, 1.0), (C, 1.0)]])
    assert sorted(fused, key=lambda id: -fused[id]) == [B, A, C]
    assert fuse([]) == {}


def test_a_weight_is_the_part_that_counts() -> None:
    """What hardly fits, hardly moves."""
    fused = fuse([[(A, 0.0), (B, 0.5)], [(C, 1.0)]])
    assert fused[A] == 0
    assert fused[B] < fused[C] / 1.9
