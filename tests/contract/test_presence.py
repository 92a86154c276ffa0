"""What every presence owes: who is on which channel, over all processes. See `channels.ports.Presence`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from channels.model import Member, PresenceState
from channels.ports import Presence
from tests.contract.worlds import PRESENCES
from tests.redis_process import soon

Presences = tuple[Presence, Presence]
SINCE = "2026-11-21T10:15:00.000000Z"


@pytest.fixture(params=PRESENCES)
async def presences(request: pytest.FixtureRequest) -> AsyncIterator[Presences]:
    async with PRESENCES[request.param]() as presences:
        yield presences


@pytest.fixture
def presence(presences: Presences) -> Presence:
    return presences[0]


def member(session: str, user: str | None = None, client_id: str = "client") -> Member:
    return Member(client_id, user, session, SINCE)


async def members(presence: Presence, channel: str = "a") -> set[Member]:
    state = await presence.state(channel, True)
    assert state.members is not None
    assert len(state.members) == state.clients
    return set(state.members)


async def test_at_first_nobody_is_there(presence: Presence) -> None:
    """On a channel that nobody has heard of."""
    assert await presence.state("a", True) == PresenceState(0, 0, ())
    assert await presence.state("a", False) == PresenceState(0, 0, None)


async def test_who_joins_is_there_as_it_described_itself(presence: Presence) -> None:
    """Client, user, session and since when come back unchanged."""
    alice = Member("tab:1@x.y-z", "alice", "s-1", SINCE)
    anonymous = Member("tab", None, "s-2", SINCE)
    for joining in (alice, anonymous):
        await presence.join("a", joining)
    assert await members(presence) == {alice, anonymous}


async def test_connections_and_users_are_counted(presence: Presence) -> None:
    """Two tabs are two clients and one user; an anonymous connection is no user."""
    for joining in (member("s1", "alice"), member("s2", "alice"), member("s3", "bob"), member("s4"), member("s5")):
        await presence.join("a", joining)
    assert await presence.state("a", False) == PresenceState(5, 2, None)


async def test_joining_twice_is_once(presence: Presence) -> None:
    """The first time is the one since which it is there."""
    await presence.join("a", member("s1", "alice"))
    await presence.join("a", Member("client", "alice", "s1", "2026-11-21T11:00:00.000000Z"))
    assert await members(presence) == {member("s1", "alice")}


async def test_who_leaves_is_gone(presence: Presence) -> None:
    """Other sessions of the same client and user stay."""
    for session in ("s1", "s2"):
        await presence.join("a", member(session, "alice"))
    await presence.leave("a", "s1")
    assert await members(presence) == {member("s2", "alice")}
    assert (await presence.state("a", False)).users == 1
    await presence.leave("a", "s2")
    assert await presence.state("a", True) == PresenceState(0, 0, ())


async def test_leaving_without_having_joined_is_nothing(presence: Presence) -> None:
    """A stranger, a second time, another channel."""
    await presence.join("a", member("s1"))
    await presence.leave("a", "stranger")
    await presence.leave("b", "s1")
    assert (await presence.state("a", False)).clients == 1
    for _ in range(2):
        await presence.leave("a", "s1")
    assert (await presence.state("a", False)).clients == 0


async def test_who_left_may_come_back(presence: Presence) -> None:
    """As someone who is there since then."""
    await presence.join("a", member("s1"))
    await presence.leave("a", "s1")
    later = Member("client", None, "s1", "2026-11-21T11:00:00.000000Z")
    await presence.join("a", later)
    assert await members(presence) == {later}


async def test_channels_are_apart(presence: Presence) -> None:
    """A session is on each of its channels for itself."""
    for channel in ("a", "room:a", "user:a"):
        await presence.join(channel, member("s1"))
    await presence.leave("room:a", "s1")
    assert [(await presence.state(channel, False)).clients for channel in ("a", "room:a", "user:a")] == [1, 0, 1]


async def test_every_process_sees_everyone(presences: Presences) -> None:
    """Whoever noted it."""
    here, there = presences
    await here.join("a", member("s1", "alice"))
    await there.join("a", member("s2", "bob"))
    for presence in presences:
        assert await members(presence) == {member("s1", "alice"), member("s2", "bob")}
    await there.leave("a", "s2")
    assert await members(here) == {member("s1", "alice")}


async def test_many_at_once(presences: Presences) -> None:
    """A hundred come and half of them leave, all at the same time; the counts are exact."""
    await asyncio.gather(*(presences[n % 2].join("a", member(f"s{n}", f"u{n % 10}")) for n in range(100)))
    assert await presences[0].state("a", False) == PresenceState(100, 10, None)
    await asyncio.gather(*(presences[n % 2].leave("a", f"s{n}") for n in range(0, 100, 2)))
    assert await presences[1].state("a", False) == PresenceState(50, 5, None)
    assert {gone.session for gone in await members(presences[0])} == {f"s{n}" for n in range(1, 100, 2)}


async def test_a_state_is_of_one_moment(presence: Presence) -> None:
    """What comes later doesn't change an answer that was given."""
    await presence.join("a", member("s1"))
    state = await presence.state("a", True)
    await presence.join("a", member("s2"))
    await presence.leave("a", "s1")
    assert state == PresenceState(1, 0, (member("s1"),))


async def test_who_watches_is_told_of_joins_and_leaves(presences: Presences) -> None:
    """Each once, wherever it happens, and nothing for what changes nothing."""
    here, there = presences
    told: list[tuple[str, str, Member]] = []
    there.listen(lambda event, channel, who: told.append((event, channel, who)))
    there.watch("a", True)
    await there.state("a", False)
    alice = Member("tab", "alice", "s1", SINCE)
    for _ in range(2):
        await here.join("a", alice)
    for _ in range(2):
        await here.leave("a", "s1")
    await here.leave("a", "stranger")
    await there.join("a", member("s2"))
    await soon(lambda: len(told) >= 3)
    assert told == [("join", "a", alice), ("leave", "a", alice), ("join", "a", member("s2"))]


async def test_after_a_state_everything_is_told(presences: Presences) -> None:
    """On a channel that has only just begun to be watched, too."""
    here, there = presences
    told: list[str] = []
    there.listen(lambda event, _channel, who: told.append(f"{event} {who.session}"))
    for n in range(20):
        await here.join(f"c{n}", member("s1"))
        there.watch(f"c{n}", True)
        assert (await there.state(f"c{n}", False)).clients == 1
        await here.leave(f"c{n}", "s1")
    await soon(lambda: told.count("leave s1") >= 20)
