from __future__ import annotations

from agents.memory.options import MemoryOptions


def test_bounds_agree_with_each_other() -> None:
    """What is pruned makes room for an exchange of most parts, and a lease outlives a batch's patience."""
    options = MemoryOptions()
    assert options.limit * options.pruned >= options.parts
    assert options.retry < options.retry_most
    assert 0 < options.pruned < options.warning <= 1
