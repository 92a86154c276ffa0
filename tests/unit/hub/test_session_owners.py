"""Who belongs to `session:ID`."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.memory import MemoryMembership
from hub.session_owners import SessionOwners

SESSION = uuid4()


async def owner_of(session: UUID) -> str | None:
    return "alice" if session == SESSION else None


async def test_without_agents_it_is_what_is_below() -> None:
    """Whatever the channel is called."""
    owners = SessionOwners(MemoryMembership())
    for channel in (f"session:{SESSION}", "session:s1", "room:ops"):
        await owners.add(channel, "bob")
        assert await owners.contains(channel, "bob")
        assert await owners.members(channel) == {"bob"}
        await owners.remove(channel, "bob")
        assert not await owners.contains(channel, "bob")


async def test_a_chat_session_is_its_owners_alone() -> None:
    """Nobody can be added to it, however its id is written, and nobody belongs to one that isn't there."""
    owners = SessionOwners(MemoryMembership())
    owners.owner_of = owner_of
    for channel in (f"session:{SESSION}", f"session:{SESSION.hex}", f"session:{str(SESSION).upper()}"):
        await owners.add(channel, "bob")
        assert await owners.contains(channel, "alice")
        assert not await owners.contains(channel, "bob")
        assert not await owners.contains(channel, "")
        assert await owners.members(channel) == {"alice"}
    gone = f"session:{uuid4()}"
    await owners.add(gone, "bob")
    assert not await owners.contains(gone, "bob")
    assert not await owners.contains(gone, "")
    assert await owners.members(gone) == frozenset()


async def test_other_channels_stay_as_they_are() -> None:
    """Sessions of other programs, and rooms; a room may be named by a chat session's id."""
    owners = SessionOwners(MemoryMembership())
    owners.owner_of = owner_of
    for channel in ("session:s1", f"room:{SESSION}", f"job:{SESSION}", "system_alerts"):
        await owners.add(channel, "bob")
        assert await owners.contains(channel, "bob")
        assert not await owners.contains(channel, "alice")


async def test_nobody_comes_in_on_a_guess() -> None:
    """While the owner can't be found, the question isn't answered."""

    async def away(_session: UUID) -> str | None:
        raise ReplyError(ErrorCode.UNAVAILABLE, "the database is away")

    owners = SessionOwners(MemoryMembership())
    owners.owner_of = away
    with pytest.raises(ReplyError, match="the database is away"):
        await owners.contains(f"session:{SESSION}", "alice")
