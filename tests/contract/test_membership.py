"""What every membership owes: which users belong to a room, a session, a job. See `channels.ports.Membership`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from channels.ports import Membership
from tests.contract.worlds import MEMBERSHIPS

Memberships = tuple[Membership, Membership]


@pytest.fixture(params=MEMBERSHIPS)
async def memberships(request: pytest.FixtureRequest) -> AsyncIterator[Memberships]:
    async with MEMBERSHIPS[request.param]() as memberships:
        yield memberships


@pytest.fixture
def membership(memberships: Memberships) -> Membership:
    return memberships[0]


async def test_at_first_nobody_belongs_anywhere(membership: Membership) -> None:
    """Nor does a room exist that nobody was added to."""
    assert not await membership.contains("room:ops", "alice")
    assert await membership.members("room:ops") == frozenset()


async def test_who_is_added_belongs(membership: Membership) -> None:
    """To that room alone, and nobody else does."""
    await membership.add("room:ops", "alice")
    assert await membership.contains("room:ops", "alice")
    assert await membership.members("room:ops") == {"alice"}
    for channel, user in (("room:ops", "bob"), ("room:op", "alice"), ("job:ops", "alice"), ("room:ops", "Alice")):
        assert not await membership.contains(channel, user)


@pytest.mark.parametrize("user", ["", "ali", "alice:", "alice ", "*", "alic?", "[a]lice"])
async def test_users_are_compared_exactly(membership: Membership, user: str) -> None:
    """No prefix, no pattern."""
    await membership.add("room:ops", "alice")
    assert not await membership.contains("room:ops", user)
    await membership.remove("room:ops", user)
    assert await membership.members("room:ops") == {"alice"}


async def test_adding_twice_is_once(membership: Membership) -> None:
    """One removal takes it away."""
    for _ in range(2):
        await membership.add("room:ops", "alice")
    assert await membership.members("room:ops") == {"alice"}
    await membership.remove("room:ops", "alice")
    assert not await membership.contains("room:ops", "alice")


async def test_who_is_removed_does_not_belong_any_more(membership: Membership) -> None:
    """Others stay, and it may be added again."""
    for user in ("alice", "bob"):
        await membership.add("room:ops", user)
    await membership.remove("room:ops", "alice")
    assert await membership.members("room:ops") == {"bob"}
    await membership.add("room:ops", "alice")
    assert await membership.members("room:ops") == {"alice", "bob"}


async def test_removing_a_stranger_is_nothing(membership: Membership) -> None:
    """From a room that is there, or from none."""
    await membership.remove("room:ops", "alice")
    await membership.add("room:ops", "bob")
    await membership.remove("room:ops", "alice")
    await membership.remove("room:other", "bob")
    assert await membership.members("room:ops") == {"bob"}


async def test_every_process_sees_a_change_at_once(memberships: Memberships) -> None:
    """Permission that was taken away in one process must not be found in another."""
    here, there = memberships
    await here.add("room:ops", "alice")
    assert await there.contains("room:ops", "alice")
    await there.remove("room:ops", "alice")
    assert not await here.contains("room:ops", "alice")


async def test_many_at_once(memberships: Memberships) -> None:
    """A hundred are added twice and half of them removed."""
    users = [f"u{n}" for n in range(100)]
    await asyncio.gather(*(memberships[n % 2].add("room:ops", user) for n in range(3) for user in users))
    await asyncio.gather(*(memberships[n % 2].remove("room:ops", f"u{n}") for n in range(0, 100, 2)))
    assert await memberships[0].members("room:ops") == {f"u{n}" for n in range(1, 100, 2)}


async def test_members_are_those_of_one_moment(membership: Membership) -> None:
    """What comes later doesn't change an answer that was given."""
    await membership.add("room:ops", "alice")
    members = await membership.members("room:ops")
    await membership.add("room:ops", "bob")
    assert members == {"alice"}
