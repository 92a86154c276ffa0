"""What an operator does to accounts."""

from __future__ import annotations

import pytest

from agents.accounts.administration import Administration
from agents.accounts.passwords import Passwords
from channels.errors import ErrorCode, ReplyError
from tests.unit.agents.accounts.account_worlds import CALLER, CHEAP, PASSWORD, World

ADA = "ada@example.org"
OTHER = "another good one"


@pytest.fixture
def desk(world: World) -> Administration:
    """An operator's desk on the same accounts."""
    return Administration(world.store, Passwords(CHEAP), world.clock)


async def refused(world: World, password: str = PASSWORD) -> bool:
    """Whether Ada can't sign in."""
    try:
        await world.authentication.login(ADA, password, CALLER)
    except ReplyError as error:
        return error.code is ErrorCode.UNAUTHENTICATED
    return False


async def test_a_forgotten_password_is_replaced(world: World, desk: Administration) -> None:
    """The old one is good for nothing any more, nor are the sign-ins that it gave; nobody else is touched."""
    first, other = await world.register(), await world.register("bob@example.org")
    shown = await desk.reset_password("ADA@example.org", OTHER)
    assert (shown.account, shown.state, shown.sign_ins) == (first.account, "active", 0)
    assert await refused(world)
    assert not await refused(world, OTHER)
    with pytest.raises(ReplyError):
        await world.authentication.refresh(first.refresh_token, CALLER)
    assert (await world.authentication.refresh(other.refresh_token, CALLER)).account == other.account
    with pytest.raises(ReplyError, match="password: expected 10"):
        await desk.reset_password(ADA, "short")


async def test_a_disabled_account_waits(world: World, desk: Administration) -> None:
    """Nobody signs in or refreshes, whatever its password becomes, until it is enabled with the password it has."""
    signed_in = await world.register()
    for _ in range(2):
        assert (await desk.disable(signed_in.account.subject)).state == "disabled"
    assert await refused(world)
    with pytest.raises(ReplyError):
        await world.authentication.refresh(signed_in.refresh_token, CALLER)
    assert (await desk.reset_password(ADA, OTHER)).state == "disabled"
    assert await refused(world, OTHER)
    for _ in range(2):
        assert (await desk.enable(ADA)).state == "active"
    assert await refused(world)
    assert not await refused(world, OTHER)


async def test_accounts_are_made_where_nobody_may_register(world: World, desk: Administration) -> None:
    """By the rules that hold for everybody: of addresses, of passwords, and one account for an address."""
    made = await desk.create(ADA, PASSWORD, "Ada")
    assert (made.account.email, made.account.name, made.sign_ins, made.refreshed_at) == (ADA, "Ada", 0, None)
    assert not await refused(world)
    for email, password, code in (
        ("Ada@example.org", PASSWORD, ErrorCode.CONFLICT),
        ("nobody", PASSWORD, ErrorCode.INVALID_DATA),
        ("bob@example.org", "bob@example.org", ErrorCode.INVALID_DATA),
    ):
        with pytest.raises(ReplyError) as caught:
            await desk.create(email, password)
        assert caught.value.code is code


async def test_somebody_is_signed_out_everywhere(world: World, desk: Administration) -> None:
    """Also a user of another issuer, whose password can't be changed here."""
    await world.register()
    await world.authentication.login(ADA, PASSWORD, CALLER)
    before = await desk.get(ADA)
    assert before.sign_ins == 2
    assert before.refreshed_at is not None
    assert (await desk.sign_out(ADA)).sign_ins == 0
    await world.members.scope("carol")
    assert (await desk.sign_out("carol")).state == "elsewhere"
    for change in (desk.disable("carol"), desk.enable("carol"), desk.reset_password("carol", PASSWORD)):
        with pytest.raises(ReplyError, match="come from elsewhere"):
            await change


async def test_accounts_are_found_by_what_is_known_of_them(world: World, desk: Administration) -> None:
    """The list takes part of a name, with no character that means more; one account must be meant by one name."""
    for email in (ADA, "a_a@example.org", "bob@example.org"):
        await world.register(email)
        world.clock.advance(1)
    everybody = [each.account.email for each in await desk.list()]
    assert sorted(map(str, everybody)) == ["a_a@example.org", ADA, "bob@example.org"]
    assert [each.account.email for each in await desk.list("A_A")] == ["a_a@example.org"]
    assert len(await desk.list(limit=2)) == 2
    with pytest.raises(ReplyError, match="there is no account dora"):
        await desk.get("dora")
    await world.members.scope(ADA)
    with pytest.raises(ReplyError, match="one of several"):
        await desk.disable(ADA)
