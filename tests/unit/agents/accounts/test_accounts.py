"""One's own account: name, password, sign-ins, and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from agents.accounts.tokens import SignedIn
from agents.store.scope import Scope
from channels.errors import ErrorCode, ReplyError
from tests.unit.agents.accounts.account_worlds import CALLER, PASSWORD, World, family_of
from tests.unit.agents.store.rows import fill

NEW = "a better one, longer"


async def refused(work: Awaitable[Any]) -> ReplyError:
    with pytest.raises(ReplyError) as caught:
        await work
    return caught.value


async def test_a_name_can_be_changed(world: World) -> None:
    """And nothing else is."""
    made = await world.register()
    scope = await world.scope(made)
    assert await world.accounts.get(scope) == made.account
    renamed = await world.accounts.rename(scope, "Ada L.")
    assert renamed.name == "Ada L."
    assert (await world.accounts.get(scope)) == renamed


async def test_a_new_password(world: World) -> None:
    """The old one is no good any more, every token that was given is ended, and the caller gets new ones."""
    made = await world.register()
    scope = await world.scope(made)
    fresh = await world.accounts.change_password(scope, PASSWORD, NEW, CALLER)
    assert world.signer.ended_all == [made.account.subject]
    door = world.authentication
    assert (await refused(door.refresh(made.refresh_token, CALLER))).code is ErrorCode.INVALID_TOKEN
    assert family_of(await door.refresh(fresh.refresh_token, CALLER)) == family_of(fresh)
    assert (await refused(door.login("ada@example.org", PASSWORD, CALLER))).code is ErrorCode.UNAUTHENTICATED
    await door.login("ada@example.org", NEW, CALLER)


async def test_passwords_that_are_not_taken(world: World) -> None:
    """The current one must be right, the new one good, and tries are limited; nothing has changed then."""
    made = await world.register()
    scope = await world.scope(made)
    wrong = await refused(world.accounts.change_password(scope, "wrong", NEW, CALLER))
    assert (wrong.code, wrong.details["path"]) == (ErrorCode.INVALID_DATA, "/current")
    wrong = await refused(world.accounts.change_password(scope, PASSWORD, "short", CALLER))
    assert (wrong.code, wrong.details["path"]) == (ErrorCode.INVALID_DATA, "/new")
    world.signer.away = True
    assert (await refused(world.accounts.change_password(scope, PASSWORD, NEW, CALLER))).code.temporary
    desk = world.desk(attempts=1)
    await refused(desk.change_password(scope, "wrong", NEW, CALLER))
    assert (await refused(desk.delete(scope, PASSWORD))).code is ErrorCode.RATE_LIMITED
    await world.authentication.login("ada@example.org", PASSWORD, CALLER)
    await world.authentication.refresh(made.refresh_token, CALLER)


async def test_two_change_the_password_at_once(world: World) -> None:
    """One of them does."""
    scope = await world.scope(await world.register())
    both = await asyncio.gather(
        *(world.accounts.change_password(scope, PASSWORD, new, CALLER) for new in (NEW, NEW + "!")),
        return_exceptions=True,
    )
    assert len([each for each in both if isinstance(each, SignedIn)]) == 1
    (late,) = (each for each in both if isinstance(each, ReplyError))
    assert late.code in (ErrorCode.CONFLICT, ErrorCode.INVALID_DATA)


async def test_where_one_is_signed_in(world: World) -> None:
    """Each sign-in once, the one that was refreshed last first; only one's own, and not those that have ended."""
    made = await world.register()
    scope = await world.scope(made)
    await world.register("bob@example.org")
    world.clock.advance(10)
    ended = await world.authentication.login("ada@example.org", PASSWORD, CALLER)
    await world.authentication.logout(ended.refresh_token)
    second = await world.authentication.login("ada@example.org", PASSWORD, CALLER)
    world.clock.advance(10)
    await world.authentication.refresh(made.refresh_token, CALLER)
    found = await world.accounts.sign_ins(scope)
    assert [each.id.hex for each in found] == [family_of(made), family_of(second)]
    assert (found[0].refreshed_at - found[0].created_at).total_seconds() == 20
    assert {each.client for each in found} == {"Browser/1"}
    world.clock.advance(604_799)
    assert [each.id.hex for each in await world.accounts.sign_ins(scope)] == [family_of(made)]


async def test_signing_out_everywhere(world: World) -> None:
    """All or nothing: while tokens can't be ended, all go on."""
    made = await world.register()
    scope = await world.scope(made)
    world.signer.away = True
    assert (await refused(world.accounts.sign_out_everywhere(scope))).code is ErrorCode.UNAVAILABLE
    world.signer.away = False
    assert len(await world.accounts.sign_ins(scope)) == 1
    await world.accounts.sign_out_everywhere(scope)
    assert world.signer.ended_all == [made.account.subject]
    assert await world.accounts.sign_ins(scope) == []
    assert (await refused(world.authentication.refresh(made.refresh_token, CALLER))).code is ErrorCode.INVALID_TOKEN


async def test_no_token_is_made_while_all_are_being_ended(world: World) -> None:
    """However sign-ins, refreshes and the end of all fall together: what came before it is ended, and what comes after
    is good. Nobody waits for ever."""
    made = await world.register()
    scope = await world.scope(made)
    door = world.authentication
    given = await asyncio.gather(
        door.refresh(made.refresh_token, CALLER),
        world.accounts.sign_out_everywhere(scope),
        *(door.login("ada@example.org", PASSWORD, CALLER) for _ in range(4)),
        return_exceptions=True,
    )
    assert not [each for each in given if isinstance(each, BaseException) and not isinstance(each, ReplyError)]
    alive = {each.id.hex for each in await world.accounts.sign_ins(scope)}
    for each in given:
        if isinstance(each, SignedIn) and family_of(each) in alive:
            await door.refresh(each.refresh_token, CALLER)


async def test_an_account_goes_with_all_that_is_its_users(world: World) -> None:
    """After what is outside of the tables; the address is free again, and nobody else lost anything."""
    made, bob = await world.register(), await world.register("bob@example.org")
    scope, other = await world.scope(made), await world.scope(bob)
    await fill(scope)
    await fill(other)
    seen: list[Scope] = []

    async def farewell(of: Scope) -> None:
        assert (await world.accounts.get(of)).email == "ada@example.org"
        seen.append(of)

    desk = world.desk(farewells=[farewell])
    assert (await refused(desk.delete(scope, "wrong"))).code is ErrorCode.INVALID_DATA
    assert (await refused(desk.delete(scope, None))).code is ErrorCode.INVALID_DATA
    assert not seen
    await desk.delete(scope, PASSWORD)
    assert seen == [scope]
    assert world.signer.ended_all == [made.account.subject]
    for work in (world.accounts.get(scope), world.accounts.rename(scope, "x"), desk.delete(scope, PASSWORD)):
        assert (await refused(work)).code is ErrorCode.INVALID_TOKEN
    world.members.forget(made.account.subject)
    assert (await refused(world.scope(made))).code is ErrorCode.INVALID_TOKEN
    assert (await world.register()).account.id != made.account.id
    await world.accounts.get(other)


async def test_an_account_stays_when_its_things_can_not_be_removed(world: World) -> None:
    """The second try is as good as the first."""
    made = await world.register()
    scope = await world.scope(made)
    away = True

    async def farewell(_of: Scope) -> None:
        if away:
            raise ReplyError(ErrorCode.UNAVAILABLE, "the index is away")

    desk = world.desk(farewells=[farewell])
    assert (await refused(desk.delete(scope, PASSWORD))).code is ErrorCode.UNAVAILABLE
    assert await desk.get(scope) == made.account
    away = False
    world.signer.away = True
    assert (await refused(desk.delete(scope, PASSWORD))).code is ErrorCode.UNAVAILABLE
    assert await desk.get(scope) == made.account
    world.signer.away = False
    await desk.delete(scope, PASSWORD)


async def test_users_of_other_issuers(world: World) -> None:
    """Have a name, and no password here: nothing to change, and nothing to ask for when they go."""
    scope = await world.members.scope("somebody-elses")
    assert (await world.accounts.get(scope)).email is None
    assert (await refused(world.accounts.change_password(scope, "any", NEW, CALLER))).code is ErrorCode.CONFLICT
    assert await world.accounts.sign_ins(scope) == []
    await world.accounts.delete(scope, None)
    assert world.signer.ended_all == ["somebody-elses"]
