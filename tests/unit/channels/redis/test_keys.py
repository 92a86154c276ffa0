"""Names in Redis."""

from __future__ import annotations

import pytest

from channels.redis.keys import Keys


@pytest.mark.parametrize("channel", ["system_alerts", "room:ops", "user:a@b.c", "x"])
def test_all_of_a_channel_is_in_one_slot(channel: str) -> None:
    """By the tag in braces, which is the same in each key and in the channel that it is published on."""
    keys = Keys("p")
    names = [keys.fanout(channel), keys.meta(channel), keys.stream(channel)]
    names += [keys.publisher(channel, "n1"), keys.idempotency(channel, "k"), keys.idempotency(channel, "{x}")]
    tags = {name[name.index(b"{") + 1 : name.index(b"}")] for name in names}
    assert tags == {channel.encode()}
    assert len(set(names)) == len(names)
    assert all(name.startswith(b"p:") for name in names)


def test_a_channel_is_found_by_its_name_in_redis() -> None:
    """And only by that."""
    assert Keys("a:b").channel(Keys("a:b").fanout("room:ops")) == "room:ops"


def test_prefixes_keep_hubs_apart() -> None:
    """And the hub's own keys from the channels'."""
    assert Keys("a").meta("x") != Keys("b").meta("x")
    assert Keys("a").shared("nodes") != Keys("a").fanout("nodes")


def test_who_is_on_a_channel_is_in_its_slot() -> None:
    """Also the sessions of other processes, whose key scripts make from that of the leases."""
    keys = Keys("p")
    here, there = keys.presence("room:ops", "here"), keys.presence("room:ops", "there")
    names = {*here, *there, keys.attendance("room:ops"), keys.members("room:ops"), keys.fanout("room:ops")}
    assert len(names) == 7
    assert all(b":{room:ops}" in name for name in names)
    assert (here.sessions, there.sessions) == (here.leases + b":here", there.leases + b":there")


def test_no_channel_is_taken_for_the_hub() -> None:
    """Whatever a channel is called: `*` is in no channel's name."""
    keys = Keys("p")
    assert b"{*}" in keys.shared("meta")
    assert keys.shared("meta") != keys.meta("hub")


def test_what_is_claimed_is_not_told() -> None:
    """A name of any length and any characters gives a key of its own, which doesn't hold it."""
    keys = Keys("p")
    names = ["ticket", "{ticket}", "a" * 10_000, "ä", ""]
    claims = [keys.claim(name) for name in names]
    assert len(set(claims)) == len(names)
    assert all(len(claim) < 100 and b"ticket" not in claim for claim in claims)


def test_groups_are_apart() -> None:
    """From each other, by kind, and from channels and claims; whatever begins with a group's key is in its slot."""
    keys = Keys("p")
    names = {keys.group("queue", "a"), keys.group("limit", "a"), keys.group("queue", "b"), keys.fanout("a")}
    assert len(names) == 4
    assert keys.group("queue", "a") == b"p:queue:{a}"
