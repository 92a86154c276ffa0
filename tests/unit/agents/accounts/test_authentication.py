"""Register, sign in, refresh, sign out: who gets tokens, and what ends them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from agents.accounts.passwords import HashOptions
from agents.accounts.sign_ins import SignInOptions
from agents.accounts.tokens import Caller, SignedIn
from agents.store.tables import refresh_tokens, users
from channels.errors import ErrorCode, ReplyError
from tests.unit.agents.accounts.account_worlds import CALLER, PASSWORD, World, family_of

DAY = 86_400.0


async def refused(work: Awaitable[Any]) -> ReplyError:
    with pytest.raises(ReplyError) as caught:
        await work
    return caught.value


async def test_who_registers_is_signed_in(world: World) -> None:
    """The account's id is its subject, a UUID; what the tokens are good for is said; nothing secret is in a repr."""
    made = await world.register(" Ada@Example.ORG ")
    account = made.account
    assert (account.email, account.name) == ("Ada@example.org", "Ada")
    assert account.subject == str(account.id)
    assert made.access_token == f"{account.subject} {family_of(made)} 1800"
    assert (made.expires_in, made.refresh_expires_in) == (1800, 7 * DAY)
    assert len(made.refresh_token) == 43, "256 bits"
    for secret in (made.refresh_token, made.access_token, "example"):
        assert secret not in repr(made)
    assert (await world.scope(made)).subject == account.subject


async def test_an_address_has_one_account(world: World) -> None:
    """Also in other letters, and when two come at once."""
    several = await asyncio.gather(
        *(world.register(email) for email in ("a@example.org", "A@EXAMPLE.org", "a@example.org")),
        return_exceptions=True,
    )
    codes = [each.code for each in several if isinstance(each, ReplyError)]
    assert codes == [ErrorCode.CONFLICT, ErrorCode.CONFLICT]
    assert (await refused(world.register("a@example.ORG"))).code is ErrorCode.CONFLICT


async def test_who_may_register(world: World) -> None:
    """Nobody while it is closed; nobody with a bad address or password. Accounts that are there go on."""
    made = await world.register()
    closed = world.door(registration=False)
    assert (await refused(closed.register("b@example.org", PASSWORD, "", CALLER))).code is ErrorCode.PERMISSION_DENIED
    assert (await closed.login("ada@example.org", PASSWORD, CALLER)).account == made.account
    wrong = await refused(world.authentication.register("nobody", PASSWORD, "", CALLER))
    assert (wrong.code, wrong.details["path"]) == (ErrorCode.INVALID_DATA, "/email")
    wrong = await refused(world.authentication.register("b@example.org", "short", "", CALLER))
    assert (wrong.code, wrong.details["path"]) == (ErrorCode.INVALID_DATA, "/password")


async def test_wrong_ones_are_all_alike(world: World) -> None:
    """No account, a wrong password, a user of another issuer, no address at all: one answer. No log line has an
    address, a password or a token."""
    with capture_logs() as lines:
        made = await world.register()
        await world.members.scope("somebody-elses")
        answers = [
            await refused(world.authentication.login(email, password, CALLER))
            for email, password in (
                ("ada@example.org", "wrong horse battery"),
                ("bob@example.org", PASSWORD),
                ("somebody-elses", PASSWORD),
                ("", ""),
            )
        ]
        again = await world.authentication.login("ADA@example.org", PASSWORD, CALLER)
    assert {(each.code, each.message) for each in answers} == {
        (ErrorCode.UNAUTHENTICATED, "the e-mail address or the password is wrong")
    }
    assert again.account == made.account
    assert family_of(again) != family_of(made)
    for secret in ("example", "horse", made.refresh_token, made.access_token):
        assert secret.lower() not in str(lines).lower()
    assert made.account.subject in str(lines)


async def test_attempts_are_limited(world: World) -> None:
    """Per e-mail address, whether or not it has an account, and per network address; the right one is refused, too."""
    await world.register()
    door = world.door(attempts=2)
    for email in ("ada@example.org", "nobody@example.org"):
        for _ in range(2):
            assert (await refused(door.login(email, "wrong", CALLER))).code is ErrorCode.UNAUTHENTICATED
        limited = await refused(door.login(email.upper(), PASSWORD, Caller("192.0.2.9")))
        assert limited.code is ErrorCode.RATE_LIMITED
        assert 0 < limited.details["retry_after"] <= 60
    door = world.door(attempts=2)
    for number in range(20):
        await refused(door.login(f"{number}@example.org", "wrong", CALLER))
    assert (await refused(door.register("b@example.org", PASSWORD, "", CALLER))).code is ErrorCode.RATE_LIMITED
    assert (await refused(door.refresh("any", CALLER))).code is ErrorCode.RATE_LIMITED
    world.clock.advance(60)
    assert (await door.login("ada@example.org", PASSWORD, CALLER)).account.name == "Ada"


async def test_hashes_follow_their_options(world: World) -> None:
    """With other options in force, the next sign-in makes a new hash; the password stays."""

    async def known() -> str:
        async with world.store.of_system() as connection:
            return str(await connection.scalar(select(users.c.password_hash)))

    await world.register()
    assert "m=8,t=1" in await known()
    door = world.door(hashes=HashOptions(memory=16, passes=2, lanes=1))
    await asyncio.gather(*(door.login("ada@example.org", PASSWORD, CALLER) for _ in range(3)), return_exceptions=True)
    assert "m=16,t=2" in await known()
    await door.login("ada@example.org", PASSWORD, CALLER)


async def test_tokens_rotate(world: World) -> None:
    """Each refresh gives two new tokens of the same sign-in, good for another seven days. Only hashes are stored."""
    tokens = [await world.register()]
    for _ in range(3):
        world.clock.advance(6 * DAY)
        tokens.append(await world.authentication.refresh(tokens[-1].refresh_token, CALLER))
    assert len({each.refresh_token for each in tokens}) == 4
    assert len({family_of(each) for each in tokens}) == 1
    async with world.store.of_system() as connection:
        stored = str((await connection.execute(select(refresh_tokens))).all())
    assert not any(each.refresh_token in stored for each in tokens)


async def test_a_used_token_ends_its_family(world: World) -> None:
    """Its owner's newest token, too, and what it gave; other sign-ins go on."""
    other = await world.register()
    first = await world.authentication.login("ada@example.org", PASSWORD, CALLER)
    second = await world.authentication.refresh(first.refresh_token, CALLER)
    assert (await refused(world.authentication.refresh(first.refresh_token, CALLER))).code is ErrorCode.INVALID_TOKEN
    assert world.signer.ended == [family_of(first)]
    assert (await refused(world.authentication.refresh(second.refresh_token, CALLER))).code is ErrorCode.INVALID_TOKEN
    assert world.signer.ended == [family_of(first)], "it ends once"
    await world.authentication.refresh(other.refresh_token, CALLER)


async def test_a_used_token_ends_its_family_while_the_broker_is_away(world: World) -> None:
    """What it gave last goes on until it expires, and the log says so; nothing can be refreshed any more."""
    first = await world.register()
    second = await world.authentication.refresh(first.refresh_token, CALLER)
    world.signer.away = True
    with capture_logs() as lines:
        refusal = await refused(world.authentication.refresh(first.refresh_token, CALLER))
    assert refusal.code is ErrorCode.INVALID_TOKEN
    assert "go on until they expire" in str(lines)
    world.signer.away = False
    assert (await refused(world.authentication.refresh(second.refresh_token, CALLER))).code is ErrorCode.INVALID_TOKEN


async def test_two_at_once_with_one_token(world: World) -> None:
    """One of them is late: that is the same as a copy. With a grace both get tokens, and a late one none."""
    first = await world.register()
    both = await asyncio.gather(
        *(world.authentication.refresh(first.refresh_token, CALLER) for _ in range(2)), return_exceptions=True
    )
    winners = [each for each in both if isinstance(each, SignedIn)]
    assert len(winners) == 1
    assert (await refused(world.authentication.refresh(winners[0].refresh_token, CALLER))).code.status == 401

    lenient = world.door(options=SignInOptions(grace=5))
    first = await lenient.login("ada@example.org", PASSWORD, CALLER)
    two = await asyncio.gather(*(lenient.refresh(first.refresh_token, CALLER) for _ in range(2)))
    for each in two:
        assert family_of(await lenient.refresh(each.refresh_token, CALLER)) == family_of(first)
    world.clock.advance(5)
    assert (await refused(lenient.refresh(first.refresh_token, CALLER))).code is ErrorCode.INVALID_TOKEN


async def test_tokens_expire_and_are_forgotten(world: World) -> None:
    """After seven days without a refresh; a sign-in then and now deletes what has expired."""
    old = await world.register()
    world.clock.advance(7 * DAY)
    assert (await refused(world.authentication.refresh(old.refresh_token, CALLER))).code is ErrorCode.INVALID_TOKEN
    assert (await refused(world.authentication.refresh("never-given", CALLER))).code is ErrorCode.INVALID_TOKEN
    world.clock.advance(1)
    await world.authentication.login("ada@example.org", PASSWORD, CALLER)
    async with world.store.of_system() as connection:
        assert len((await connection.execute(select(refresh_tokens))).all()) == 1


async def test_signing_out(world: World) -> None:
    """Ends the sign-in with its access tokens, and no other. Twice, or with anything else, is nothing."""
    first, other = (
        await world.register(),
        await world.authentication.login("ada@example.org", PASSWORD, CALLER),
    )
    world.signer.away = True
    assert (await refused(world.authentication.logout(first.refresh_token))).code is ErrorCode.UNAVAILABLE
    world.signer.away = False
    first = await world.authentication.refresh(first.refresh_token, CALLER)
    for _ in range(2):
        await world.authentication.logout(first.refresh_token)
    await world.authentication.logout("never-given")
    assert world.signer.ended == [family_of(first)]
    assert (await refused(world.authentication.refresh(first.refresh_token, CALLER))).code is ErrorCode.INVALID_TOKEN
    assert (await world.authentication.refresh(other.refresh_token, CALLER)).account == other.account
