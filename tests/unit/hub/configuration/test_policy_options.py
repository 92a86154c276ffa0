"""From options to the policy: which layer wins."""

from __future__ import annotations

from typing import Any

from channels.model import Channels
from channels.policy import Access, ChannelOptions, Operation, Policy, Principal
from hub.configuration.policy_options import policy_of
from hub.options import ChannelSection, ChannelsOptions


def policy(**channels: Any) -> Policy:
    """Build the policy of some options."""
    return policy_of(ChannelsOptions.model_validate(channels))


def test_without_options() -> None:
    """The six fixed channels for everyone, and namespaces for their members."""
    default = policy()
    assert default.names == Channels.all()
    assert all(default.options(name) == ChannelOptions() for name in Channels.all())
    members = ChannelOptions(subscribe=Access.MEMBERS)
    assert default.options("user:a") == default.options("session:a") == default.options("job:a") == members
    assert default.options("room:a") == ChannelOptions(subscribe=Access.MEMBERS, publish=Access.MEMBERS)


def test_channels_of_ones_own_follow_the_fixed_ones() -> None:
    """And a fixed one may be changed."""
    changed = policy(named={"deploys": {"history_size": 5}, "ai_analysis": {"conflate": "type"}})
    assert changed.names == [*Channels.all(), "deploys"]
    assert changed.options("deploys").history_size == 5
    assert changed.options("ai_analysis").conflate == "type"


def test_channels_of_adapters() -> None:
    """They stand between the fixed ones and those of one's own, and what is configured wins over what they ask for."""
    options = ChannelsOptions.model_validate({"defaults": {"history_age": 9}, "named": {"b": {"rewind": 3}, "c": {}}})
    made = policy_of(options, {name: ChannelSection(rewind=1, inline=True) for name in ("a", "b")})
    assert made.names == [*Channels.all(), "a", "b", "c"]
    assert [(made.options(name).rewind, made.options(name).inline) for name in "abc"] == [
        (1, True),
        (3, True),
        (0, False),
    ]
    assert made.options("a").history_age == 9


def test_the_nearer_layer_wins() -> None:
    """A room over all rooms, all rooms over the defaults, a namespace's rules over the defaults."""
    layered = policy(
        defaults={"history_size": 1, "history_age": 1, "max_rate": 1, "subscribe": "users", "publish": "nobody"},
        room={"history_age": 2, "max_rate": 2},
        rooms={"ops": {"max_rate": 3, "members": ["alice"], "schema": {"type": "object"}}},
    )
    ops, other = layered.options("room:ops"), layered.options("room:other")
    assert (ops.history_size, ops.history_age, ops.max_rate) == (1, 2, 3)
    assert (other.history_size, other.history_age, other.max_rate) == (1, 2, 2)
    assert ops.subscribe is other.subscribe is Access.MEMBERS
    assert ops.publish is Access.MEMBERS
    assert ops.members == {"alice"}
    assert ops.schema == {"type": "object"}
    assert other.schema is None
    assert layered.options("ai_analysis").subscribe is Access.USERS
    assert layered.options("user:a").publish is Access.NOBODY


def test_what_is_said_is_said_even_if_it_is_the_default() -> None:
    """`history_size: 100` under a room holds against other `defaults`."""
    layered = policy(defaults={"history_size": 1}, named={"a": {"history_size": 100}})
    assert layered.options("a").history_size == 100


def test_a_namespace_may_be_opened_on_purpose() -> None:
    """By saying so."""
    stranger = Principal("bob")
    assert policy().allows(stranger, Operation.SUBSCRIBE, "user:alice") is False
    assert policy(user={"history_size": 5}).allows(stranger, Operation.SUBSCRIBE, "user:alice") is False
    assert policy(user={"subscribe": "users"}).allows(stranger, Operation.SUBSCRIBE, "user:alice") is True
