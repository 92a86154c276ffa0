"""Options of channels, and who may do what: pure decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import ErrorCode, ReplyError
from channels.model import Channels
from channels.policy import ANONYMOUS, Access, ChannelOptions, Operation, Policy, Principal, with_members
from tests.kit import principal

ALICE = Principal("alice")
BOB = Principal("bob")

EVERYTHING_GRANTED = {operation.value: ("*",) for operation in Operation}
TRUSTED_ALICE = Principal("alice", capabilities=EVERYTHING_GRANTED)
TRUSTED_ANONYMOUS = Principal(capabilities=EVERYTHING_GRANTED)
OPERATOR = Principal("olga", admin=True)


def options_with(access: Access, members: frozenset[str] = frozenset()) -> ChannelOptions:
    return ChannelOptions(subscribe=access, publish=access, history=access, presence=access, members=members)


def policy_with(access: Access) -> Policy:
    """One named channel `named`, which Bob belongs to by configuration, and the namespaces, under one rule."""
    namespaces = dict.fromkeys(("user", "room", "session", "job"), options_with(access))
    return Policy({"named": options_with(access, members=frozenset({"bob"}))}, namespaces)


def test_inline_is_an_option_of_channels_that_there_are() -> None:
    """Named ones and those of namespaces."""
    policy = Policy({"a": ChannelOptions(inline=True), "b": ChannelOptions()}, {"room": ChannelOptions(inline=True)})
    assert [policy.is_inline(channel) for channel in ("a", "b", "room:x", "user:x", "none")] == [
        True,
        False,
        True,
        False,
        False,
    ]


TABLE: dict[Access, dict[str, tuple[bool | None, ...]]] = {
    # principal ->               anonymous, alice, bob, granted alice, granted anonymous, operator
    Access.EVERYONE: {
        "named": (True, True, True, True, True, True),
        "room:x": (True, True, True, True, True, True),
        "user:alice": (True, True, True, True, True, True),
    },
    Access.USERS: {
        "named": (False, True, True, True, True, True),
        "room:x": (False, True, True, True, True, True),
        "user:alice": (False, True, True, True, True, True),
    },
    Access.MEMBERS: {
        "named": (False, None, True, True, True, None),
        "room:x": (False, None, None, True, True, None),
        "session:x": (False, None, None, True, True, None),
        "job:x": (False, None, None, True, True, None),
        "user:alice": (False, True, False, True, True, False),
        "user:bob": (False, False, True, True, True, False),
        "user:alice:x": (False, False, False, True, True, False),
    },
    Access.TOKEN: {
        "named": (False, False, False, True, True, False),
        "room:x": (False, False, False, True, True, False),
        "user:alice": (False, False, False, True, True, False),
    },
    Access.OPERATORS: {
        "named": (False, False, False, True, True, True),
        "room:x": (False, False, False, True, True, True),
        "user:alice": (False, False, False, True, True, True),
    },
    Access.NOBODY: {
        "named": (False, False, False, False, False, False),
        "room:x": (False, False, False, False, False, False),
        "user:alice": (False, False, False, False, False, False),
    },
}
WHO = {
    "anonymous": ANONYMOUS,
    "alice": ALICE,
    "bob": BOB,
    "granted alice": TRUSTED_ALICE,
    "granted anonymous": TRUSTED_ANONYMOUS,
    "operator": OPERATOR,
}


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize(
    ("access", "channel", "who", "expected"),
    [
        pytest.param(access, channel, who, expected, id=f"{access}-{channel}-{who}")
        for access, channels in TABLE.items()
        for channel, row in channels.items()
        for who, expected in zip(WHO, row, strict=True)
    ],
)
def test_every_rule_for_every_principal(
    operation: Operation, access: Access, channel: str, who: str, expected: bool | None
) -> None:
    """`None` is a question to membership; nobody else's `user:` channel ever is one."""
    assert policy_with(access).allows(WHO[who], operation, channel) is expected


def test_the_table_has_a_row_for_every_rule() -> None:
    """A new rule needs its decisions written down."""
    assert set(TABLE) == set(Access)


@pytest.mark.parametrize("operation", Operation)
def test_operations_have_rules_of_their_own(operation: Operation) -> None:
    """Opening one operation opens no other."""
    opened: dict[str, Any] = {operation.value: Access.EVERYONE}
    policy = Policy({"a": replace(options_with(Access.NOBODY), **opened)}, {})
    assert {other for other in Operation if policy.allows(ANONYMOUS, other, "a")} == {operation}


@pytest.mark.parametrize("operation", Operation)
def test_a_capability_counts_for_its_operation_alone(operation: Operation) -> None:
    """A token that may publish may not listen for that reason."""
    granted = Principal("alice", capabilities={operation.value: ("a",)})
    assert {other for other in Operation if policy_with(Access.TOKEN).allows(granted, other, "named")} == set()
    policy = Policy({"a": options_with(Access.TOKEN)}, {})
    assert {other for other in Operation if policy.allows(granted, other, "a")} == {operation}


@pytest.mark.parametrize(
    ("pattern", "channel", "granted"),
    [
        ("room:ops", "room:ops", True),
        ("room:ops", "room:ops2", False),
        ("room:*", "room:ops", True),
        ("room:*", "room:", True),
        ("room:*", "user:ops", False),
        ("room:*", "xroom:ops", False),
        ("room:?", "room:a", True),
        ("room:?", "room:ab", False),
        ("*", "anything", True),
        ("Room:*", "room:ops", False),
        ("room:ops", "room:ops\n", False),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_capabilities_are_names_and_patterns(pattern: str, channel: str, granted: bool) -> None:
    """Case counts, and the whole name must match."""
    assert principal(subscribe=(pattern,)).grants(Operation.SUBSCRIBE, channel) is granted


def test_without_capabilities_nothing_is_granted() -> None:
    """The default is a token that gives nothing beyond its user."""
    assert not any(ALICE.grants(operation, "a") for operation in Operation)


def test_the_defaults_are_closed_for_publishing() -> None:
    """Whoever may listen may not speak, unless a token says so."""
    policy = Policy(dict.fromkeys(Channels.all(), ChannelOptions()), {})
    for channel in Channels.all():
        assert policy.allows(ANONYMOUS, Operation.SUBSCRIBE, channel)
        assert not policy.allows(ALICE, Operation.PUBLISH, channel)


def test_options_are_those_of_the_name_the_override_or_the_namespace() -> None:
    """In this order: a named channel, a single channel of a namespace, its namespace."""
    named, single, rooms = ChannelOptions(max_bytes=1), ChannelOptions(max_bytes=2), ChannelOptions(max_bytes=3)
    policy = Policy({"alerts": named}, {"room": rooms}, {"room:ops": single})
    assert policy.options("alerts") is named
    assert policy.options("room:ops") is single
    assert policy.options("room:other") is rooms
    assert [policy.exists(name) for name in ("alerts", "room:ops", "room:other")] == [True, True, True]


@pytest.mark.parametrize(
    "channel",
    ["X", "", "ALERTS", " alerts", "alerts ", "alerts\n", "room", "room:", "user:alice", "room:a b", "room:../a"],
)
def test_other_channels_do_not_exist(channel: str) -> None:
    """Case and spaces count; a namespace without options is closed; a bad name is no channel of any namespace."""
    policy = Policy({"alerts": ChannelOptions()}, {"room": ChannelOptions()})
    assert not policy.exists(channel)
    for ask in (lambda: policy.options(channel), lambda: policy.allows(ALICE, Operation.SUBSCRIBE, channel)):
        with pytest.raises(ReplyError) as caught:
            ask()
        assert caught.value.code is ErrorCode.UNKNOWN_CHANNEL
        assert caught.value.details == {"available_channels": ["alerts"]}


def test_visible_channels_are_those_one_may_subscribe_to() -> None:
    """The named ones in their order, then one's own; rooms are not listed."""
    policy = Policy(
        {
            "open": options_with(Access.EVERYONE),
            "users": options_with(Access.USERS),
            "bobs": options_with(Access.MEMBERS, members=frozenset({"bob"})),
            "tokens": options_with(Access.TOKEN),
            "closed": options_with(Access.NOBODY),
        },
        {"user": options_with(Access.MEMBERS), "room": options_with(Access.EVERYONE)},
        {"room:ops": options_with(Access.EVERYONE)},
    )
    assert policy.names == ["open", "users", "bobs", "tokens", "closed"]
    assert policy.visible_to(ANONYMOUS) == ["open"]
    assert policy.visible_to(ALICE) == ["open", "users", "user:alice"]
    assert policy.visible_to(BOB) == ["open", "users", "bobs", "user:bob"]
    assert policy.visible_to(TRUSTED_ANONYMOUS) == ["open", "users", "bobs", "tokens"]


def test_what_operators_alone_follow_is_on_no_list() -> None:
    """They may subscribe, and it has its name; but neither lists nor refusals speak of it unless it is opened."""
    own = options_with(Access.OPERATORS)
    policy = Policy({"open": options_with(Access.EVERYONE), "own": own}, {"user": options_with(Access.USERS)})
    assert policy.visible_to(OPERATOR) == ["open", "own", "user:olga"]
    assert policy.visible_to(ALICE) == ["open", "user:alice"]
    assert policy.listed(policy.visible_to(OPERATOR)) == ["open", "user:olga"]
    with pytest.raises(ReplyError) as caught:
        policy.options("none")
    assert caught.value.details == {"available_channels": ["open"]}


@pytest.mark.parametrize(
    ("namespaces", "user"),
    [
        ({}, "alice"),
        ({"user": options_with(Access.NOBODY)}, "alice"),
        ({"user": options_with(Access.MEMBERS)}, "not a name"),
        ({"user": options_with(Access.MEMBERS)}, "a" * 124),
    ],
    ids=["closed namespace", "nobody may", "bad user id", "too long a name"],
)
def test_ones_own_channel_is_listed_only_if_one_may_subscribe(namespaces: dict[str, ChannelOptions], user: str) -> None:
    """The list never names a channel that would then be refused."""
    assert Policy({}, namespaces).visible_to(Principal(user)) == []


def test_who_came_with_a_token_is_known() -> None:
    """Each token says when it was issued."""
    assert (Principal("alice", issued=1.0).has_token, ALICE.has_token, ANONYMOUS.has_token) == (True, False, False)


def test_names_given_out_are_a_copy() -> None:
    """A caller can't change the policy by its list."""
    policy = Policy({"a": ChannelOptions()}, {})
    policy.names.clear()
    assert policy.names == ["a"]


@given(st.frozensets(st.text(max_size=3)), st.lists(st.text(max_size=3)))
def test_members_are_added_to_those_who_are_there(before: frozenset[str], added: list[str]) -> None:
    """The options themselves stay as they were."""
    options = ChannelOptions(members=before, max_bytes=7)
    more = with_members(options, added)
    assert more.members == before | set(added)
    assert (more.max_bytes, options.members) == (7, before)


def test_a_token_makes_its_user_a_member_of_rooms() -> None:
    """Of the rooms that it names and no other channel of that name; where only tokens may publish, members may not."""
    members = ChannelOptions(subscribe=Access.MEMBERS, publish=Access.TOKEN)
    policy = Policy({"ops": members}, {"room": members, "session": members})
    alice = Principal("alice", rooms=frozenset({"ops"}))
    assert policy.allows(alice, Operation.SUBSCRIBE, "room:ops") is True
    assert policy.allows(alice, Operation.PUBLISH, "room:ops") is False
    for channel in ("room:other", "session:ops", "ops"):
        assert policy.allows(alice, Operation.SUBSCRIBE, channel) is None
    assert policy.allows(Principal(None, rooms=frozenset({"ops"})), Operation.SUBSCRIBE, "room:ops") is False
