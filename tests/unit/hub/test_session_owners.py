"""Who belongs to `session:ID`."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.memory import MemoryMembership
from hub.session_owners import SessionOwners

SESSION = uuid4()


class Chats:
    """One session, which is Alice's."""

    def __init__(self, away: ReplyError | None = None) -> None:
        self.away = away
        self.looked_up: list[UUID] = []

    async def owner_of(self, session_id: UUID) -> str | None:
        self.looked_up.append(session_id)
        return "alice" if session_id == SESSION else None

    async def is_of(self, session_id: UUID, subject: str) -> bool:
        if self.away is not None:
            raise self.away
        return session_id == SESSION and subject == "alice"


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
    owners.chats = chats = Chats()
    for channel in (f"session:{SESSION}", f"session:{SESSION.hex}", f"session:{str(SESSION).upper()}"):
        await owners.add(channel, "bob")
        assert await owners.contains(channel, "alice")
        assert not await owners.contains(channel, "bob")
        assert not await owners.contains(channel, "")
        assert not chats.looked_up  # what is told from memory has a time of its own: refusals aren't
        assert await owners.members(channel) == {"alice"}
        chats.looked_up.clear()
    gone = f"session:{uuid4()}"
    await owners.add(gone, "bob")
    assert not await owners.contains(gone, "bob")
    assert not await owners.contains(gone, "")
    assert await owners.members(gone) == frozenset()


async def test_other_channels_stay_as_they_are() -> None:
    """Sessions of other programs, and rooms; a room may be named by a chat session's id."""
    owners = SessionOwners(MemoryMembership())
    owners.chats = Chats()
    for channel in ("session:s1", f"room:{SESSION}", f"job:{SESSION}", "system_alerts"):
        await owners.add(channel, "bob")
        assert await owners.contains(channel, "bob")
        assert not await owners.contains(channel, "alice")


async def test_nobody_comes_in_on_a_guess() -> None:
    """While the owner can't be found, the question isn't answered."""
    owners = SessionOwners(MemoryMembership())
    owners.chats = Chats(ReplyError(ErrorCode.UNAVAILABLE, "the database is away"))
    with pytest.raises(ReplyError, match="the database is away"):
        await owners.contains(f"session:{SESSION}", "alice")
