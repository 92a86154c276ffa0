"""What every noticeboard owes: each process has each notice once. See `channels.ports.Noticeboard`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from channels.ports import Noticeboard
from tests.contract.hub_worlds import NOTICES, NoticeWorld

Heard = list[tuple[str, float]]


@pytest.fixture(params=NOTICES)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[NoticeWorld]:
    async with NOTICES[request.param]() as world:
        yield world


def heard_by(board: Noticeboard) -> Heard:
    heard: Heard = []
    board.listen(lambda notice, until: heard.append((notice, until)))
    return heard


async def test_it_is_known_here_at_once(world: NoticeWorld) -> None:
    """When posting returns, the listener has it, with its very end."""
    heard = heard_by(world.here)
    until = world.time.now() + 1000.123456
    await world.here.post("revoked:1", until)
    assert heard == [("revoked:1", until)]


async def test_it_is_known_to_others_once(world: NoticeWorld) -> None:
    """Soon, and never a second time."""
    heard = heard_by(world.there)
    until = world.time.now() + 1000.5
    for notice in ("a", "b", "c d", ""):
        await world.here.post(notice, until)
    await world.time.until(lambda: len(heard) >= 4)
    await world.there.post("last", until)
    await world.time.until(lambda: len(heard) >= 5)
    assert heard == [("a", until), ("b", until), ("c d", until), ("", until), ("last", until)]


async def test_posting_again_tells_only_what_is_later(world: NoticeWorld) -> None:
    """The later end counts, whoever posts it and in whatever order."""
    heard = heard_by(world.here)
    now = world.time.now()
    for seconds in (100.0, 100.0, 50.0, 200.0, 150.0):
        await world.here.post("a", now + seconds)
    assert heard == [("a", now + 100.0), ("a", now + 200.0)]


async def test_who_listens_late_gets_what_is_up(world: NoticeWorld) -> None:
    """With the latest end of each."""
    now = world.time.now()
    await world.here.post("a", now + 100.0)
    await world.here.post("b", now + 100.0)
    await world.here.post("a", now + 200.0)
    assert sorted(heard_by(world.here)) == [("a", now + 200.0), ("b", now + 100.0)]


async def test_a_process_that_starts_later_gets_what_is_up(world: NoticeWorld) -> None:
    """All of it, once, and what comes after."""
    until = world.time.now() + 1000.0
    expected = {(f"n{n}", until) for n in range(1200)}
    await asyncio.gather(*(world.here.post(notice, end) for notice, end in expected))
    async with world.late() as late:
        heard = heard_by(late)
        await world.time.until(lambda: len(heard) >= len(expected))
        await world.here.post("later", until)
        await world.time.until(lambda: len(heard) > len(expected))
        assert set(heard) == expected | {("later", until)}
        assert len(heard) == len(set(heard))


async def test_what_has_ended_is_not_up(world: NoticeWorld) -> None:
    """Neither what was posted too late nor what has ended since; a new post of it is news."""
    heard = heard_by(world.here)
    await world.here.post("old", world.time.now() - 1.0)
    assert heard == []
    await world.here.post("short", world.time.now() + world.time.tick)
    await world.time.let_pass(world.time.tick)
    assert heard_by(world.here) == []
    heard = heard_by(world.here)
    until = world.time.now() + 1000.0
    await world.here.post("short", until)
    assert heard == [("short", until)]
