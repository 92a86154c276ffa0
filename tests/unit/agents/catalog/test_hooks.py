"""What else is done when an agent is made or deleted."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from agents.catalog.hooks import Hooks
from agents.ports import IndexUnavailable
from agents.store.database import Database
from agents.store.scope import Scope
from channels.errors import ErrorCode, ReplyError
from tests.agents_kit import a_user


async def test_in_their_order(store: Database) -> None:
    """Each gets the scope and the agent."""
    scope, agent, heard = await a_user(store), uuid4(), []

    async def note(name: str, whose: Scope, which: UUID) -> None:
        heard.append((name, whose, which))

    async def first(whose: Scope, which: UUID) -> None:
        await note("first", whose, which)

    async def second(whose: Scope, which: UUID) -> None:
        await note("second", whose, which)

    hooks = Hooks(prepare=(first, second), stop=(second, first), forget=(first,))
    await hooks.make_room(scope, agent)
    await hooks.end(scope, agent)
    await hooks.clear(scope, agent)
    assert [name for name, _, _ in heard] == ["first", "second", "second", "first", "first"]
    assert {(whose, which) for _, whose, which in heard} == {(scope, agent)}


async def test_vectors_that_are_away(store: Database) -> None:
    """Are a refusal that says what wasn't done, and that trying again may help."""

    async def away(_: Scope, __: UUID) -> None:
        raise IndexUnavailable("connection refused")

    with pytest.raises(ReplyError, match=r"nothing was made.*connection refused") as refused:
        await Hooks(prepare=(away,)).make_room(await a_user(store), uuid4())
    assert (refused.value.code, refused.value.details) == (ErrorCode.UNAVAILABLE, {"retry_after": 1})
