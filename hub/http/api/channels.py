"""Channels over HTTP: what there is, what was published, who is there, who belongs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson

from channels.errors import ErrorCode, ReplyError
from channels.model import NAME_MAX, is_name
from channels.policy import Access, ChannelOptions, Operation
from hub.descriptions import Presence, Publication
from hub.http.api.answers import (
    ChannelList,
    ChannelState,
    Expelled,
    HistoryPiece,
    Members,
    Options,
    PresenceState,
    whole_or_not,
)
from hub.http.api.bodies import HistoryQuery, PresenceQuery
from hub.http.api.endpoint import Call, Hub

_OWN: Final = "user:"
"""Prefix of channels that belong to one user by their name."""


async def list_channels(hub: Hub, call: Call[None, None]) -> ChannelList:
    """List the channels that the caller knows of anyway."""
    policy = hub.engine.policy
    names = policy.names if call.caller.admin else policy.visible_to(call.caller)
    counts = await _subscribers(hub)
    return ChannelList(channels=[await _state(hub, name, counts) for name in names])


async def get_channel(hub: Hub, call: Call[None, None]) -> ChannelState:
    """Describe a channel to who may subscribe to it, and to operators."""
    channel = call.named("channel")
    if not call.caller.admin:
        await hub.engine.gate.require(call.caller, Operation.SUBSCRIBE, channel=channel)
    state = await _state(hub, channel, await _subscribers(hub))
    return state.model_copy(update={"schema_": hub.engine.policy.options(channel).schema})


async def _subscribers(hub: Hub) -> dict[str, int]:
    counts: dict[str, int] = (await hub.across.census.whole())["channel_stats"]
    return counts


async def _state(hub: Hub, channel: str, subscribers: Mapping[str, int]) -> ChannelState:
    options = hub.engine.policy.options(channel)
    epoch, offset = None, None
    if options.history_size:
        epoch, offset = (await hub.engine.history(channel, None, None, 0)).top
    return ChannelState(
        channel=channel,
        subscribers=subscribers.get(channel, 0),
        epoch=epoch,
        offset=offset,
        options=_options(options),
    )


def _options(options: ChannelOptions) -> Options:
    return Options(
        history_size=options.history_size,
        history_age=options.history_age,
        recover=options.recover,
        conflate=options.conflate,
        has_schema=options.schema is not None,
        subscribe=options.subscribe.value,
        publish=options.publish.value,
        history=options.history.value,
        presence=options.presence.value,
        max_rate=options.max_rate,
        max_bytes=options.max_bytes,
    )


async def get_history(hub: Hub, call: Call[None, HistoryQuery]) -> HistoryPiece:
    """Read a piece of history."""
    channel, query = call.named("channel"), call.query
    since = query.position()
    found = await hub.engine.history(channel, call.caller, since, query.limit, query.reverse)
    publications = []
    for publication in found.publications:
        epoch, offset = publication.position or (None, None)
        publications.append(
            Publication(
                type=publication.type,
                channel=channel,
                data=orjson.Fragment(publication.data),
                timestamp=publication.timestamp,
                epoch=epoch,
                offset=offset,
                key=publication.key,
            )
        )
    return HistoryPiece(
        channel=channel,
        publications=publications,
        epoch=found.top.epoch,
        offset=found.top.offset,
        recovered=None if since is None else found.recovered,
    )


async def delete_history(hub: Hub, call: Call[None, None]) -> None:
    """Forget what was published: the channel begins a new epoch."""
    channel = call.named("channel")
    if not hub.engine.policy.options(channel).history_size:
        raise ReplyError(ErrorCode.NO_HISTORY, f"{channel} keeps no history", channel=channel)
    await hub.broker.forget(channel)


async def get_presence(hub: Hub, call: Call[None, PresenceQuery]) -> PresenceState:
    """Tell who is on a channel."""
    channel = call.named("channel")
    state = await hub.engine.presence(channel, call.caller, call.query.members)
    members = None
    if state.members is not None:
        members = [
            Presence(client_id=member.client_id, user=member.user, session=member.session, since=member.since)
            for member in state.members
        ]
    return PresenceState(channel=channel, clients=state.clients, users=state.users, members=members)


async def get_members(hub: Hub, call: Call[None, None]) -> Members:
    """Tell who belongs to a channel."""
    channel = _with_members(hub, call)
    added = await hub.engine.gate.membership.members(channel)
    configured = hub.engine.policy.options(channel).members
    return Members(channel=channel, members=sorted(added), configured=sorted(configured))


async def add_member(hub: Hub, call: Call[None, None]) -> None:
    """Let a user belong to a channel. Twice is once."""
    await hub.engine.gate.membership.add(_with_members(hub, call), _user(call))


async def remove_member(hub: Hub, call: Call[None, None]) -> Expelled:
    """Take that away, and end the subscriptions that rested on it."""
    tally = await hub.across.control.expel(_with_members(hub, call), _user(call))
    return Expelled(ended=tally.number, **whole_or_not(tally))


def _with_members(hub: Hub, call: Call[None, None]) -> str:
    channel = call.named("channel")
    options = hub.engine.policy.options(channel)
    rules = (options.subscribe, options.publish, options.history, options.presence)
    if channel.startswith(_OWN) or Access.MEMBERS not in rules:
        message = f"{channel} has no members: none of its rules (subscribe, publish, history, presence) is members"
        raise ReplyError(ErrorCode.CONFLICT, message, channel=channel)
    return channel


def _user(call: Call[None, None]) -> str:
    user = call.named("user")
    if not is_name(user):
        message = f"user: expected one name of 1 to {NAME_MAX} characters out of A-Z a-z 0-9 . _ : @ -"
        raise ReplyError(ErrorCode.INVALID_COMMAND, message)
    return user
