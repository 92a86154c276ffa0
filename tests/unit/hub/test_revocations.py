"""Revoking tokens and users."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.policy import ANONYMOUS, Principal
from hub.notices import Notices
from hub.options import AuthOptions
from hub.revocations import Revocation, Revocations
from tests.joined import JoinedNoticeboard, Junction
from tests.kit import ManualClock, eventually

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
    await revocations.revoke_user("bob")  # in the same moment: once
    with pytest.raises(ReplyError, match="limit of 2 revocations") as caught:
        await revocations.revoke_token("t2")
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert len(heard) == 2
    clock.advance(60)
    await revocations.revoke_token("t2")
    assert revocations.is_revoked(holder(clock, jti="t2"))


# Over several processes.


def process(junction: Junction, clock: ManualClock, limit: int = 100) -> Revocations:
    """Start one of several processes."""
    notices = Notices(JoinedNoticeboard(junction))
    revocations = Revocations(OPTIONS, clock, notices, limit=limit)
    notices.start()
    return revocations


async def test_what_one_process_revokes_is_in_force_in_all() -> None:
    """In its own at once, in the others in a moment, and in one that starts later from its start on."""
    clock = ManualClock()
    junction = Junction(clock)
    here, there = process(junction, clock), process(junction, clock)
    heard: list[Revocation] = []
    there.listen(heard.append)
    alice, bob = holder(clock, age=1), holder(clock, "bob", "t2", age=1)
    await here.revoke_user("alice")
    await here.revoke_token("t2")
    assert here.is_revoked(alice)
    assert here.is_revoked(bob)
    await eventually(lambda: there.is_revoked(alice) and there.is_revoked(bob))
    assert heard == [Revocation(user="alice", issued=clock.now()), Revocation(token_id="t2")]
    later = process(junction, clock)
    assert later.is_revoked(alice)
    assert later.is_revoked(bob)
    clock.advance(60)
    assert not later.is_revoked(holder(clock, jti="t3")), "issued after the revocation"


async def test_a_revocation_that_can_not_be_told_is_refused() -> None:
    """Nothing is revoked then, here neither: the caller must know that it has to try again."""
    clock = ManualClock()
    junction = Junction(clock)
    here = process(junction, clock)
    junction.away = True
    with pytest.raises(ReplyError) as caught:
        await here.revoke_user("alice")
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert not here.is_revoked(holder(clock, age=1))


async def test_an_older_revocation_of_a_user_takes_nothing_back() -> None:
    """Notices may come in any order."""
    clock = ManualClock()
    junction = Junction(clock)
    here = process(junction, clock)
    clock.advance(100)
    await here.revoke_user("alice")
    notices = Notices(JoinedNoticeboard(junction))
    await notices.post("user", ("alice", clock.now() - 50), clock.now() + 1000)
    assert len(junction.notices) == 2
    await eventually(lambda: all(len(board._known) == 2 for board in junction.boards[:1]))
    assert here.is_revoked(holder(clock, age=1))


async def test_the_limit_does_not_hold_for_what_others_revoke() -> None:
    """A process that knows less than the others would let in whom they refuse."""
    clock = ManualClock()
    junction = Junction(clock)
    here, there = process(junction, clock), process(junction, clock, limit=1)
    for number in range(3):
        await here.revoke_token(f"t{number}")
    await eventually(lambda: len(there) == 3)
    with pytest.raises(ReplyError, match="limit of 1 revocations"):
        await there.revoke_token("t9")
