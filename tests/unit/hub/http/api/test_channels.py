"""Channels over HTTP."""

from __future__ import annotations

import orjson
import pytest

from channels.errors import ErrorCode, ReplyError
from channels.model import Channels
from channels.policy import ANONYMOUS, Principal
from hub.http.api.answers import encode_answer
from hub.http.api.bodies import HistoryQuery, PresenceQuery
from hub.http.api.channels import (
    add_member,
    delete_history,
    get_channel,
    get_history,
    get_members,
    get_presence,
    list_channels,
    remove_member,
)
from hub.wiring import Hub
from tests.kit import RecordingSubscriber, draft, principal
from tests.unit.hub.http.api.calls import call, put_together


async def filled(*data: object) -> Hub:
    """A hub with these publications on system_alerts."""
    hub = put_together()
    for value in data:
        await hub.engine.publish(draft("system_alerts", value))
    return hub


async def refusal(awaitable: object) -> ReplyError:
    with pytest.raises(ReplyError) as refused:
        await awaitable  # type: ignore[misc]
    return refused.value


async def test_the_list_has_what_the_caller_may_see() -> None:
    """Operators see every named channel, others those that they may subscribe to and their own."""
    hub = put_together(channels__named={"secrets": {"subscribe": "token"}})
    seen = [state.channel for state in (await list_channels(hub, call())).channels]
    assert seen == [*Channels.all(), "secrets"]
    seen = [state.channel for state in (await list_channels(hub, call(caller=Principal("alice")))).channels]
    assert seen == [*Channels.all(), "user:alice"]


async def test_a_channel_is_described() -> None:
    """Subscribers, top position and options."""
    state = await get_channel(await filled(1, 2), call(channel="system_alerts"))
    assert (state.channel, state.subscribers, state.offset) == ("system_alerts", 0, 2)
    assert (state.options.history_age, state.options.has_schema, state.options.publish) == (3600.0, False, "token")
    assert state.schema_ is None


async def test_a_publisher_can_see_the_schema() -> None:
    """Of one channel, as it is configured: a form can check before it publishes. The list has none."""
    schema = {"type": "object", "required": ["status"]}
    hub = put_together(channels__named={"deploys": {"schema": schema}})
    alice = call(caller=Principal("alice"), channel="deploys")
    assert orjson.loads(encode_answer(await get_channel(hub, alice)))["schema"] == schema
    assert b'"schema"' not in encode_answer(await list_channels(hub, call()))


async def test_a_channel_without_history_has_no_position() -> None:
    """Epoch and offset are absent then."""
    hub = put_together(channels__named={"system_alerts": {"history_size": 0}})
    assert (await get_channel(hub, call(channel="system_alerts"))).epoch is None


async def test_a_channel_is_described_to_who_may_subscribe() -> None:
    """A room tells strangers nothing, and says the same whether anyone ever used it."""
    hub = put_together()
    await hub.engine.publish(draft("room:used"))
    for room in ("room:used", "room:unused"):
        refused = await refusal(get_channel(hub, call(caller=Principal("eve"), channel=room)))
        assert (refused.code, refused.message) == (
            ErrorCode.PERMISSION_DENIED,
            f"user eve may not subscribe to {room}",
        )
    assert (await get_channel(hub, call(channel="room:used"))).offset == 1
    assert (await refusal(get_channel(hub, call(channel="nope")))).code is ErrorCode.UNKNOWN_CHANNEL


async def test_history_is_read() -> None:
    """The newest publications, oldest first; their data as it was published."""
    piece = await get_history(await filled({"a": 1}, 2, 3), call(query=HistoryQuery(limit=2), channel="system_alerts"))
    assert [publication.offset for publication in piece.publications] == [2, 3]
    assert (piece.offset, piece.recovered) == (3, None)
    assert b'"data":2' in encode_answer(piece)


async def test_history_is_read_from_a_position() -> None:
    """With `since` comes what followed it, and whether that is all; `reverse` turns the order."""
    hub = await filled(1, 2, 3)
    epoch = (await get_channel(hub, call(channel="system_alerts"))).epoch
    query = HistoryQuery(since=f"{epoch}:1", reverse=True)
    piece = await get_history(hub, call(query=query, channel="system_alerts"))
    assert [publication.offset for publication in piece.publications] == [3, 2]
    assert piece.recovered is True
    piece = await get_history(hub, call(query=HistoryQuery(since="other:1"), channel="system_alerts"))
    assert piece.recovered is False


async def test_history_is_for_who_may_read_it() -> None:
    """The channel's rules hold over HTTP too."""
    hub = put_together(channels__named={"system_alerts": {"history": "token"}})
    anonymous = call(query=HistoryQuery(), caller=ANONYMOUS, channel="system_alerts")
    assert (await refusal(get_history(hub, anonymous))).code is ErrorCode.PERMISSION_DENIED
    granted = call(query=HistoryQuery(), caller=principal(history=("system_*",)), channel="system_alerts")
    assert (await get_history(hub, granted)).publications == []


async def test_history_is_forgotten() -> None:
    """The channel begins a new epoch."""
    hub = await filled(1, 2)
    before = await get_channel(hub, call(channel="system_alerts"))
    await delete_history(hub, call(channel="system_alerts"))
    after = await get_channel(hub, call(channel="system_alerts"))
    assert (after.offset, after.epoch == before.epoch) == (0, False)


async def test_what_is_not_kept_can_not_be_forgotten() -> None:
    """An unknown channel and one without history are refused."""
    hub = put_together(channels__named={"system_alerts": {"history_size": 0}})
    assert (await refusal(delete_history(hub, call(channel="system_alerts")))).code is ErrorCode.NO_HISTORY
    assert (await refusal(delete_history(hub, call(channel="nope")))).code is ErrorCode.UNKNOWN_CHANNEL


async def test_presence_is_told() -> None:
    """Who is on the channel, or only how many."""
    hub = put_together()
    await hub.engine.subscribe(RecordingSubscriber("tab", Principal("alice")), "system_alerts")
    state = await get_presence(hub, call(query=PresenceQuery(), channel="system_alerts"))
    assert (state.clients, state.users) == (1, 1)
    assert [(member.client_id, member.user) for member in state.members or ()] == [("tab", "alice")]
    state = await get_presence(hub, call(query=PresenceQuery(members=False), channel="system_alerts"))
    assert (state.clients, state.members) == (1, None)


async def test_members_come_and_go() -> None:
    """Adding twice is once; the list tells who was added and who belongs by configuration."""
    hub = put_together(channels__rooms={"ops": {"members": ["carol"]}})
    for user in ("bob", "alice", "bob"):
        await add_member(hub, call(channel="room:ops", user=user))
    members = await get_members(hub, call(channel="room:ops"))
    assert (members.members, members.configured) == (["alice", "bob"], ["carol"])
    assert (await remove_member(hub, call(channel="room:ops", user="bob"))).ended == 0
    assert (await get_members(hub, call(channel="room:ops"))).members == ["alice"]


@pytest.mark.parametrize("channel", ["system_alerts", "user:alice"])
async def test_channels_without_members_are_refused(channel: str) -> None:
    """A membership that has no effect isn't taken."""
    refused = await refusal(add_member(put_together(), call(channel=channel, user="alice")))
    assert refused.code is ErrorCode.CONFLICT


async def test_a_member_needs_a_name() -> None:
    """What is no user's name is refused, not rewritten."""
    refused = await refusal(add_member(put_together(), call(channel="room:ops", user="a b")))
    assert refused.code is ErrorCode.INVALID_COMMAND
