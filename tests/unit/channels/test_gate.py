"""Permission: rules and token first, membership where they leave it open."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.gate import Gate
from channels.memory import MemoryMembership
from channels.policy import ANONYMOUS, Access, ChannelOptions, Operation, Policy, Principal
from tests.kit import InterruptedMembership, Interruptions

ALICE = Principal("alice")


def rooms(access: Access = Access.MEMBERS) -> ChannelOptions:
    return ChannelOptions(subscribe=access, publish=access, history=access, presence=access)


@pytest.fixture
def interruptions() -> Interruptions:
    return Interruptions()


@pytest.fixture
def gate(interruptions: Interruptions) -> Gate:
    policy = Policy(
        {"alerts": ChannelOptions(), "secrets": ChannelOptions(subscribe=Access.TOKEN)},
        {"room": rooms(), "user": rooms()},
    )
    return Gate(policy, InterruptedMembership(MemoryMembership(), interruptions))


async def test_a_stranger_may_not_enter_a_room(gate: Gate) -> None:
    """Nor may who has no user at all; its name doesn't help to guess."""
    assert not await gate.allows(ALICE, Operation.SUBSCRIBE, "room:ops")
    assert not await gate.allows(ANONYMOUS, Operation.SUBSCRIBE, "room:ops")


async def test_a_member_may_until_it_is_removed(gate: Gate) -> None:
    """Membership is asked each time, and counts for its own room alone."""
    await gate.membership.add("room:ops", "alice")
    assert await gate.allows(ALICE, Operation.SUBSCRIBE, "room:ops")
    assert not await gate.allows(ALICE, Operation.SUBSCRIBE, "room:other")
    await gate.membership.remove("room:ops", "alice")
    assert not await gate.allows(ALICE, Operation.SUBSCRIBE, "room:ops")


async def test_an_anonymous_client_is_no_member_of_the_empty_name(gate: Gate) -> None:
    """Adding the user "" by mistake opens nothing to anonymous clients."""
    await gate.membership.add("room:ops", "")
    assert not await gate.allows(ANONYMOUS, Operation.SUBSCRIBE, "room:ops")


async def test_membership_is_not_asked_where_rules_decide(gate: Gate, interruptions: Interruptions) -> None:
    """Fixed channels, one's own channel and a token's grants cost no look-up."""
    assert await gate.allows(ANONYMOUS, Operation.SUBSCRIBE, "alerts")
    assert await gate.allows(ALICE, Operation.SUBSCRIBE, "user:alice")
    assert not await gate.allows(ALICE, Operation.SUBSCRIBE, "user:bob")
    assert await gate.allows(Principal(capabilities={"subscribe": ("room:*",)}), Operation.SUBSCRIBE, "room:ops")
    assert interruptions.calls == []


async def test_an_unknown_channel_is_answered_with_what_this_client_may_see(gate: Gate) -> None:
    """Channels that it may not subscribe to are not named."""
    with pytest.raises(ReplyError) as caught:
        await gate.allows(ALICE, Operation.SUBSCRIBE, "X")
    assert caught.value.as_dict() == {
        "code": "unknown_channel",
        "message": "Invalid channel: X",
        "temporary": False,
        "available_channels": ["alerts", "user:alice"],
    }


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (Operation.SUBSCRIBE, "may not subscribe to room:ops"),
        (Operation.PUBLISH, "may not publish to room:ops"),
        (Operation.HISTORY, "may not read the history of room:ops"),
        (Operation.PRESENCE, "may not see who is on room:ops"),
    ],
)
@pytest.mark.parametrize(("principal", "who"), [(ALICE, "user alice"), (ANONYMOUS, "an anonymous client")])
async def test_a_refusal_says_who_may_not_do_what_where(
    gate: Gate, principal: Principal, who: str, operation: Operation, words: str
) -> None:
    """The message is for people; code and channel are for programs."""
    with pytest.raises(ReplyError) as caught:
        await gate.require(principal, operation, channel="room:ops")
    assert caught.value.code is ErrorCode.PERMISSION_DENIED
    assert caught.value.message == f"{who} {words}"
    assert caught.value.details == {"channel": "room:ops"}


async def test_all_operations_are_required(gate: Gate) -> None:
    """The first that is not allowed is the one that is named."""
    await gate.require(ALICE, Operation.SUBSCRIBE, Operation.HISTORY, channel="alerts")
    with pytest.raises(ReplyError, match="may not publish to alerts"):
        await gate.require(ALICE, Operation.SUBSCRIBE, Operation.PUBLISH, Operation.HISTORY, channel="alerts")


async def test_when_membership_cannot_be_asked_nothing_is_allowed(gate: Gate, interruptions: Interruptions) -> None:
    """The failure reaches the one who asked; it is neither a yes nor a no."""

    async def fail() -> None:
        raise ReplyError(ErrorCode.UNAVAILABLE, "away")

    await gate.membership.add("room:ops", "alice")
    interruptions.before["contains"] = fail
    with pytest.raises(ReplyError) as caught:
        await gate.require(ALICE, Operation.SUBSCRIBE, channel="room:ops")
    assert caught.value.code is ErrorCode.UNAVAILABLE
