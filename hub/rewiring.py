"""Giving a running hub other options, without letting go of a connection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

import structlog

from channels.errors import ErrorCode, ReplyError
from channels.policy import Access, Operation, Policy
from channels.ports import Subscriber
from hub.configuration.adapter_channels import policy_for
from hub.logs import configure
from hub.options import Settings
from hub.wiring import Hub

log = structlog.get_logger(__name__)

_GONE: Final = "the hub has no such channel any more"
_REFUSED: Final = "its options have changed, and this client may not be on it any more"
_TURN: Final = 200
"""Subscriptions that are reviewed before others get the loop: well under a millisecond."""


async def apply(hub: Hub, settings: Settings) -> None:
    """Put `settings` in force. Only what `hub.reload.LIVE` names may differ from what was in force before.

    All options change in one turn of the loop. Tokens are judged when they come: a key that is gone ends no connection.
    A subscription to a channel that is gone, or that its client may no longer have, ends with the notice
    `unsubscribed`.
    """
    policy = policy_for(settings)
    # Subscriptions to what is gone end under the options that they began with.
    for channel in list(hub.engine.registry.counts()):
        if not policy.exists(channel):
            await _end(hub, channel, _everyone(hub, channel), ErrorCode.UNKNOWN_CHANNEL, _GONE)
    narrowed = [
        channel
        for channel in hub.engine.registry.counts()
        if _rule(hub.engine.policy, channel) != _rule(policy, channel)
    ]
    _adopt(hub, settings, policy)
    if hub.adapters.agents is not None:
        await hub.adapters.agents.adopt(settings)
    for channel in narrowed:
        await _review(hub, channel)


def _adopt(hub: Hub, settings: Settings, policy: Policy) -> None:
    limits = settings.limits
    if settings.log != hub.settings.log:
        configure(settings.log)
    hub.settings = hub.endpoint.settings = hub.socketio.settings = hub.endpoint.context.settings = settings
    hub.authenticator.adopt(settings.auth)
    hub.access.trust(settings.server.trusted_proxies)
    hub.endpoint.origins.adopt(settings.server)
    hub.connections.limits = limits
    hub.requests.log_each, hub.requests.rate = settings.log.access, limits.http_requests_per_second
    hub.inbox.limit, hub.inbox.limit_bytes = limits.notify_queue, limits.notify_queue_bytes
    hub.engine.max_subscriptions = limits.subscriptions
    hub.engine.policy.adopt(policy)


def _rule(policy: Policy, channel: str) -> tuple[Access, frozenset[str]] | None:
    """What decides who may be on a channel; `None` when there is none."""
    if not policy.exists(channel):
        return None
    options = policy.options(channel)
    return options.subscribe, options.members


async def _review(hub: Hub, channel: str) -> None:
    """End the subscriptions that the options in force don't allow."""
    if not hub.engine.policy.exists(channel):
        await _end(hub, channel, _everyone(hub, channel), ErrorCode.UNKNOWN_CHANNEL, _GONE)
        return
    refused = []
    for number, subscriber in enumerate(_everyone(hub, channel), start=1):
        try:
            if not await hub.engine.gate.allows(subscriber.principal, Operation.SUBSCRIBE, channel):
                refused.append(subscriber)
        except ReplyError as error:  # memberships can't be read now: nobody is put out on a guess
            log.warning("a subscription could not be reviewed", channel=channel, reason=error.message)
        if not number % _TURN:
            await asyncio.sleep(0)
    await _end(hub, channel, refused, ErrorCode.PERMISSION_DENIED, _REFUSED)


def _everyone(hub: Hub, channel: str) -> tuple[Subscriber, ...]:
    roster = hub.engine.registry.roster(channel)
    return (*roster.prompt, *roster.throttled)


async def _end(hub: Hub, channel: str, subscribers: Iterable[Subscriber], code: ErrorCode, why: str) -> None:
    for subscriber in subscribers:
        if await hub.engine.unsubscribe(subscriber, channel, code.word):
            message = f"{channel}: {why}"
            hub.fanout.notify(
                subscriber, {"type": "unsubscribed", "channel": channel, "code": code.word, "message": message}
            )
