"""Which deliveries were published already."""

from __future__ import annotations

import pytest

from channels.errors import ReplyError
from channels.local import LocalClaims
from hub.adapters.deliveries import MOST_ATTEMPTS, Deliveries
from tests.kit import ManualClock


class World:
    """Two processes with the same claims."""

    def __init__(self, seconds: float = 3600.0, limit: int = 1000) -> None:
        self.clock = ManualClock()
        claims = LocalClaims(self.clock, limit)
        self.a, self.b = Deliveries(claims, seconds), Deliveries(claims, seconds)


async def test_what_succeeded_is_known() -> None:
    """In every process, however often it comes; another delivery is another."""
    world = World()
    attempt = await world.a.begin("x")
    assert attempt == 0
    await world.a.succeeded("x", attempt)
    for deliveries in (world.a, world.b, world.b, world.a):
        assert await deliveries.begin("x") is None
    assert await world.b.begin("y") == 0


async def test_what_failed_may_come_again() -> None:
    """Until it succeeds."""
    world = World()
    assert [await world.a.begin("x"), await world.b.begin("x"), await world.a.begin("x")] == [0, 1, 2]
    await world.a.succeeded("x", 2)
    assert await world.b.begin("x") is None
    assert await world.b.begin("x") is None


async def test_two_at_once_both_try() -> None:
    """None waits for the other; the broker's idempotency keys keep their publications one."""
    world = World()
    first, second = await world.a.begin("x"), await world.b.begin("x")
    assert (first, second) == (0, 1)
    await world.a.succeeded("x", 0)
    await world.b.succeeded("x", 1)
    assert await world.a.begin("x") is None


async def test_after_its_time_it_is_new() -> None:
    """And with no time at all nothing is remembered."""
    world = World(seconds=10.0)
    await world.a.succeeded("x", await world.a.begin("x") or 0)
    world.clock.advance(11.0)
    assert await world.a.begin("x") == 0
    forgetful = World(seconds=0.0)
    for _ in range(3):
        assert await forgetful.a.begin("x") == MOST_ATTEMPTS
        await forgetful.a.succeeded("x", MOST_ATTEMPTS)


async def test_attempts_are_bounded() -> None:
    """Beyond, it is published each time, and only the broker knows."""
    world = World()
    attempts = [await world.a.begin("x") for _ in range(MOST_ATTEMPTS + 2)]
    assert attempts == [*range(MOST_ATTEMPTS), MOST_ATTEMPTS, MOST_ATTEMPTS]


async def test_without_claims_it_is_not_known() -> None:
    """And says so."""
    with pytest.raises(ReplyError, match="claims are in force"):
        await World(limit=0).a.begin("x")
