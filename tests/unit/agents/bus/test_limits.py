"""What the limiter in memory does beside what all do; that is in tests/contract/test_rate_limiter.py."""

from __future__ import annotations

from agents.bus.limits import MemoryLimiter
from tests.kit import ManualClock


async def test_who_is_silent_for_a_window_takes_no_memory() -> None:
    """And is gone soon after the others come."""
    clock = ManualClock()
    limiter = MemoryLimiter(2, 60.0, clock.monotonic)
    for number in range(10):
        await limiter.take(f"user:{number}")
    clock.advance(60.0)
    for _ in range(5):
        await limiter.take("user:x")
    assert list(limiter._times) == ["user:x"]


async def test_there_are_never_more_keys_than_may_be() -> None:
    """The one that came longest ago begins anew; who was refused came, too."""
    limiter = MemoryLimiter(1, 60.0, ManualClock().monotonic, keys_max=2)
    for key in ("a", "b", "a", "c"):
        await limiter.take(key)
    assert not (await limiter.take("a")).allowed
    assert (await limiter.take("b")).allowed
    assert len(limiter._times) == 2
