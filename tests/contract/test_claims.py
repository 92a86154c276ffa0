"""What all claims owe: once is once, in whatever process. See `channels.ports.Claims`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.contract.hub_worlds import CLAIMS, ClaimsWorld


@pytest.fixture(params=CLAIMS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ClaimsWorld]:
    async with CLAIMS[request.param]() as world:
        yield world


async def test_the_first_gets_it(world: ClaimsWorld) -> None:
    """And nobody after it, in no process."""
    assert await world.here.claim("ticket", 60.0)
    for claims in (world.here, world.there):
        assert not await claims.claim("ticket", 60.0)


async def test_claims_are_apart(world: ClaimsWorld) -> None:
    """Names are compared exactly, whatever is in them."""
    for name in ("a", "A", "a ", "", "{a}", "a*", "ä", "a" * 10_000):
        assert await world.here.claim(name, 60.0)
        assert not await world.there.claim(name, 60.0)


async def test_a_claim_ends(world: ClaimsWorld) -> None:
    """After its own seconds, not those of who asks; trying in vain doesn't prolong it."""
    assert await world.here.claim("ticket", 2 * world.time.tick)
    assert not await world.there.claim("ticket", 1000.0)
    await world.time.let_pass(world.time.tick)
    assert not await world.there.claim("ticket", 1000.0)
    await world.time.let_pass(world.time.tick)
    assert await world.there.claim("ticket", 1000.0)
    assert not await world.here.claim("ticket", 0.0)


async def test_of_many_at_once_one_gets_it(world: ClaimsWorld) -> None:
    """Whoever it is."""
    claims = (world.here, world.there)
    assert sum(await asyncio.gather(*(claims[n % 2].claim("ticket", 60.0) for n in range(50)))) == 1
