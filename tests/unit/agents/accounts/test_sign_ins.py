"""How many sign-ins there are, and who is pruned; what a sign-in goes through is in test_authentication.py."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from agents.accounts import sign_ins
from agents.accounts.sign_ins import SignInOptions, SignIns
from agents.store.tables import refresh_tokens
from tests.unit.agents.accounts.account_worlds import CALLER, LASTING, PASSWORD, Signer, World, family_of


class Restarted(Signer):
    """A hub that has just been started: it knows of nothing that was ended before.

    Attributes:
        lifetimes: seconds for which it was told to refuse tokens, by their id.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lifetimes: dict[str, float] = {}

    async def end(self, token_id: str, lifetime: float) -> None:
        self.lifetimes[token_id] = lifetime


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


async def test_a_restarted_hub_learns_what_has_ended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as an access token of it may be good, and no longer; the sign-ins that go on are left alone. Of too many
    the newest ones count."""
    early = await world.register()
    await world.authentication.logout(early.refresh_token)
    world.clock.advance(1_000)
    later, lasting = [await world.authentication.login("ada@example.org", PASSWORD, CALLER) for _ in range(2)]
    await world.authentication.logout(later.refresh_token)
    world.clock.advance(500)

    async def restored() -> dict[str, float]:
        hub = Restarted()
        async with world.store.of_system() as connection:
            assert await SignIns(LASTING, hub, world.clock).restore(connection) == len(hub.lifetimes)
        return hub.lifetimes

    assert await restored() == {family_of(early): pytest.approx(300), family_of(later): pytest.approx(1_300)}
    world.clock.advance(300)
    assert list(await restored()) == [family_of(later)]
    monkeypatch.setattr(sign_ins, "RESTORED_MAX", 1)
    await world.authentication.logout(lasting.refresh_token)
    assert list(await restored()) == [family_of(lasting)]
