"""How many sign-ins there are, and who is pruned; what a sign-in goes through is in test_authentication.py."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from agents.accounts import sign_ins
from agents.accounts.sign_ins import SignInOptions
from agents.store.tables import refresh_tokens
from tests.unit.agents.accounts.account_worlds import CALLER, PASSWORD, World, family_of


async def test_the_one_that_was_silent_longest_makes_room(world: World) -> None:
    """For a sign-in beyond the limit; its access tokens end with it."""
    first = await world.register()
    door = world.door(options=SignInOptions(most=2))
    world.clock.advance(10)
    second = await door.login("ada@example.org", PASSWORD, CALLER)
    world.clock.advance(10)
    await door.refresh(first.refresh_token, CALLER)
    await door.login("ada@example.org", PASSWORD, CALLER)
    assert world.signer.ended == [family_of(second)]
    assert len(await world.accounts.sign_ins(await world.scope(first))) == 2


async def test_what_has_expired_is_deleted_bit_by_bit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once an hour, unless more is left than one sign-in may delete."""
    monkeypatch.setattr(sign_ins, "PRUNE_AT_ONCE", 2)

    async def left() -> int:
        async with world.store.of_system() as connection:
            return int(await connection.scalar(select(func.count()).select_from(refresh_tokens)) or 0)

    for number in range(3):
        await world.register(f"{number}@example.org")
    world.clock.advance(604_801)
    await world.register("a@example.org")
    assert await left() == 3 - 2 + 1
    await world.register("b@example.org")
    assert await left() == 2
    world.clock.advance(604_801)
    await world.register("c@example.org")
    await world.register("d@example.org")
    assert await left() == 2
