"""Revoking tokens and users."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.policy import ANONYMOUS, Principal
from hub.options import AuthOptions
from hub.revocations import Revocation, Revocations
from tests.kit import ManualClock

OPTIONS = AuthOptions(max_lifetime=3600, leeway=5)


def holder(clock: ManualClock, user: str = "alice", jti: str = "t1", age: float = 0.0) -> Principal:
    """Make a principal whose token was issued `age` seconds ago and lives as long as any may."""
    issued = clock.now() - age
    return Principal(user, jti, issued, issued + OPTIONS.max_lifetime)


async def test_a_revoked_token_is_refused_and_no_other() -> None:
    """By its `jti`."""
    clock = ManualClock()
    revocations = Revocations(OPTIONS, clock)
    await revocations.revoke_token("t1")
    assert revocations.is_revoked(holder(clock))
    assert not revocations.is_revoked(holder(clock, jti="t2"))
    assert not revocations.is_revoked(Principal("alice", None, clock.now(), clock.now() + 60))


async def test_all_earlier_tokens_of_a_user_are_refused() -> None:
    """A token that is issued afterwards is good again."""
    clock = ManualClock()
    revocations = Revocations(OPTIONS, clock)
    old = holder(clock, age=60)
    await revocations.revoke_user("alice")
    assert revocations.is_revoked(old)
    assert revocations.is_revoked(holder(clock)), "of the same second"
    assert not revocations.is_revoked(holder(clock, user="bob"))
    clock.advance(1)
    assert not revocations.is_revoked(holder(clock))
    assert revocations.is_revoked(old)


async def test_who_came_without_a_token_has_none_to_revoke() -> None:
    """On an open hub, and anonymous clients."""
    revocations = Revocations(OPTIONS, ManualClock())
    await revocations.revoke_user("alice")
    assert not revocations.is_revoked(Principal("alice"))
    assert not revocations.is_revoked(ANONYMOUS)
    assert not Revocation(user="alice", issued=9e9).covers(Principal("alice"))


async def test_an_entry_ends_when_the_last_token_that_it_covers_has_ended() -> None:
    """Not before the leeway is over."""
    clock = ManualClock()
    revocations = Revocations(OPTIONS, clock)
    principal = holder(clock)
    await revocations.revoke_token("t1", until=principal.expires)
    await revocations.revoke_token("short", until=clock.now() + 10)
    await revocations.revoke_token("absurd", until=float("inf"))
    await revocations.revoke_user("alice")
    assert len(revocations) == 4
    assert revocations.sweep() == 0
    clock.advance(15)
    assert revocations.sweep() == 1
    clock.advance(OPTIONS.max_lifetime - 15 + 4.9)
    assert revocations.is_revoked(principal)
    clock.advance(5.2)
    assert not revocations.is_revoked(principal)
    assert revocations.sweep() == 3
    assert len(revocations) == 0


async def test_a_shorter_revocation_of_the_same_token_changes_nothing() -> None:
    """The longer one stays."""
    clock = ManualClock()
    revocations = Revocations(OPTIONS, clock)
    await revocations.revoke_token("t1")
    await revocations.revoke_token("t1", until=clock.now() + 1)
    clock.advance(60)
    assert revocations.is_revoked(holder(clock))


async def test_listeners_hear_of_each_revocation_once_it_is_in_force() -> None:
    """So that they can close the live connections which it covers."""
    clock = ManualClock()
    revocations = Revocations(OPTIONS, clock)
    alice, bob = holder(clock), holder(clock, "bob", "t2")
    heard: list[tuple[bool, bool, bool]] = []
    revocations.listen(lambda r: heard.append((r.covers(alice), r.covers(bob), revocations.is_revoked(alice))))
    await revocations.revoke_token("t2")
    await revocations.revoke_user("alice")
    assert heard == [(False, True, False), (True, False, True)]


async def test_the_limit_refuses_a_further_revocation_rather_than_drop_one() -> None:
    """Ended entries make room, and revoking the same again needs none."""
    clock = ManualClock()
    revocations = Revocations(OPTIONS, clock, limit=2)
    heard: list[Revocation] = []
    revocations.listen(heard.append)
    await revocations.revoke_token("t1", until=clock.now() + 10)
    await revocations.revoke_user("bob")
    await revocations.revoke_user("bob")
    with pytest.raises(ReplyError, match="limit of 2 revocations") as caught:
        await revocations.revoke_token("t2")
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert len(heard) == 3
    clock.advance(60)
    await revocations.revoke_token("t2")
    assert revocations.is_revoked(holder(clock, jti="t2"))
