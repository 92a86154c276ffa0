"""What all limits of requests owe: exactness, over all processes. See `agents.ports.RateLimiter`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.ports import Allowance
from tests.contract.agent_worlds import LIMITS, LimitWorld

LIMIT, WINDOW = 10, 60.0

NEAR = 1.0
"""Seconds by which a server's clock may go on during a test."""


@pytest.fixture(params=LIMITS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[LimitWorld]:
    async with LIMITS[request.param](LIMIT, WINDOW) as world:
        yield world


async def burst(world: LimitWorld, key: str, requests: int) -> list[Allowance]:
    """Make requests at once, on both processes."""
    return await asyncio.gather(*((world.here, world.there)[n % 2].take(key) for n in range(requests)))


async def test_a_burst_over_all_processes(world: LimitWorld) -> None:
    """All of the limit may come at once, and not one more."""
    answers = await burst(world, "user:a", 2 * LIMIT)
    allowed = [answer for answer in answers if answer.allowed]
    assert sorted(answer.remaining for answer in allowed) == list(range(LIMIT))
    for answer in answers:
        assert answer.limit == LIMIT
        assert answer.reset == pytest.approx(WINDOW, abs=NEAR)
    for answer in (answer for answer in answers if not answer.allowed):
        assert answer.remaining == 0
        assert answer.retry_after == pytest.approx(WINDOW, abs=NEAR)


async def test_the_window_slides(world: LimitWorld) -> None:
    """There is no edge at which twice as many may come."""
    await burst(world, "user:a", LIMIT // 2)
    await world.time.let_pass(WINDOW - 10.0)
    assert [answer.allowed for answer in await burst(world, "user:a", LIMIT)].count(True) == LIMIT // 2
    refused = await world.here.take("user:a")
    assert refused.retry_after == pytest.approx(10.0, abs=NEAR)
    assert refused.reset == pytest.approx(WINDOW, abs=NEAR)
    await world.time.let_pass(10.0)
    assert [answer.allowed for answer in await burst(world, "user:a", LIMIT)].count(True) == LIMIT // 2


async def test_who_comes_too_often_isnt_kept_out_for_it(world: LimitWorld) -> None:
    """What is refused doesn't count: after `retry_after` the next one goes through."""
    await burst(world, "user:a", LIMIT)
    await world.time.let_pass(WINDOW - 10.0)
    refused = await burst(world, "user:a", 3)
    assert not any(answer.allowed for answer in refused)
    await world.time.let_pass(refused[-1].retry_after)
    assert (await world.here.take("user:a")).allowed


async def test_keys_are_apart(world: LimitWorld) -> None:
    """Whatever is in them."""
    await burst(world, "user:a", LIMIT)
    assert not (await world.here.take("user:a")).allowed
    for key in ("user:b", "user:a ", "user:{a}", "user:ä", ""):
        assert (await world.there.take(key)).remaining == LIMIT - 1


@pytest.mark.parametrize("kind", LIMITS)
def test_whenever_requests_come_no_window_has_more(kind: str) -> None:
    """And nobody is refused who might come: checked against all requests that were let through."""

    async def replay(world: LimitWorld, pauses: list[int]) -> None:
        key, now, allowed = f"user:{uuid4()}", 0.0, list[float]()
        for number, pause in enumerate(pauses):
            now += pause
            await world.time.let_pass(float(pause))
            answer = await (world.here, world.there)[number % 2].take(key)
            inside = [time for time in allowed if time > now - WINDOW]
            assert answer.allowed == (len(inside) < LIMIT)
            if answer.allowed:
                inside.append(now)
                allowed.append(now)
            else:
                assert answer.retry_after == pytest.approx(inside[0] + WINDOW - now, abs=NEAR)
            assert answer.remaining == LIMIT - len(inside)
            assert answer.reset == pytest.approx(inside[-1] + WINDOW - now, abs=NEAR)

    with asyncio.Runner() as runner:
        living = LIMITS[kind](LIMIT, WINDOW)
        world = runner.run(living.__aenter__())
        try:
            # Multiples of 7 s, which never come near a window of 60 s.
            @settings(max_examples=25, deadline=None, database=None)
            @given(pauses=st.lists(st.sampled_from([0, 0, 0, 7, 14, 35]), max_size=40))
            def check(pauses: list[int]) -> None:
                runner.run(replay(world, pauses))

            check()
        finally:
            runner.run(living.__aexit__(None, None, None))
