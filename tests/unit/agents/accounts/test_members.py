"""From the `sub` of a token to a user."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from agents.accounts import members
from agents.accounts.members import Members
from agents.store.database import Database
from agents.store.tables import users
from channels.errors import ErrorCode, ReplyError


async def test_who_comes_from_another_issuer_is_taken_in_once(store: Database) -> None:
    """Also when many requests come at once, in several processes."""
    several = [Members(store), Members(store)]
    found = await asyncio.gather(*(each.scope("alice") for each in several for _ in range(5)))
    assert len(set(found)) == 1
    assert {each.subject for each in found} == {"alice"}
    async with store.of_system() as connection:
        assert await connection.scalar(select(func.count()).select_from(users)) == 1
    assert await several[0].scope("bob") != found[0]


async def test_an_account_that_is_not_there_is_not_made(store: Database) -> None:
    """A subject that is a UUID is one of ours: its token outlived it."""
    with pytest.raises(ReplyError, match="no longer there") as caught:
        await Members(store).scope(str(uuid4()))
    assert caught.value.code is ErrorCode.INVALID_TOKEN


async def test_what_is_remembered_is_bounded(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest is looked up anew, and is the same."""
    monkeypatch.setattr(members, "KNOWN_MAX", 2)
    several = Members(store)
    first = await several.scope("u1")
    for name in ("u2", "u3", "u4"):
        await several.scope(name)
    assert len(several._known) == 2
    assert await several.scope("u1") == first
