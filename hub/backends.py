"""What stands behind the engine's ports: the memory of this process, or Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from channels.clock import Clock
from channels.local import LocalClaims, LocalNodes, LocalNoticeboard, random_node
from channels.memory import MemoryBroker, MemoryMembership, MemoryPresence
from channels.ports import Broker, Claims, Membership, Nodes, Noticeboard, Presence
from channels.redis.backbone import Backbone
from channels.redis.broker import BrokerOptions, RedisBroker
from channels.redis.claims import RedisClaims
from channels.redis.membership import RedisMembership
from channels.redis.nodes import RedisNodes
from channels.redis.noticeboard import RedisNoticeboard
from channels.redis.presence import RedisPresence
from channels.redis.sender import Spool
from hub.degraded import BackboneNumbers
from hub.options import Settings
from hub.redis_settings import redis_of
from hub.sections.redis import RedisOptions


async def _nothing() -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Backends:
    """The implementations in use, and what they need to live.

    Attributes:
        work: tasks that run as long as the hub.
        sweep: drops what nobody needs any more; called now and then.
        arrive: waits, some seconds at most, until the storage is there.
        drain: waits, some seconds at most, until what was accepted is published; returns how much is not.
        go: says that this process is gone, so that nobody waits for it.
        watch: has a function told when the storage goes away (`False`, why) and comes back.
        numbers: what the storage counts about itself.
        backbone: the way to Redis, for adapters with queues and limits of their own there; `None` without a Redis.
    """

    broker: Broker
    presence: Presence
    membership: Membership
    nodes: Nodes
    noticeboard: Noticeboard
    claims: Claims
    work: tuple[tuple[str, Callable[[], Coroutine[Any, Any, None]]], ...] = ()
    sweep: Callable[[], object] = lambda: None
    arrive: Callable[[], Awaitable[object]] = _nothing
    drain: Callable[[float], Awaitable[int]] = field(default=lambda _: _nothing())
    go: Callable[[], Awaitable[object]] = _nothing
    watch: Callable[[Callable[[bool, str], None]], None] = lambda _: None
    numbers: Callable[[], BackboneNumbers] = BackboneNumbers
    backbone: Backbone | None = None


def backends_for(settings: Settings, clock: Clock) -> Backends:
    """Make what the settings ask for."""
    return on_redis(settings, clock) if settings.redis.url else in_memory(settings, clock)


def in_memory(settings: Settings, clock: Clock) -> Backends:
    """Everything in this process."""
    limits = settings.limits
    broker = MemoryBroker(clock, idempotency_keys=limits.idempotency_keys, max_channels=limits.channels)
    return Backends(
        broker,
        MemoryPresence(),
        MemoryMembership(limits.memberships),
        LocalNodes(),
        LocalNoticeboard(clock, limits.revocations),
        LocalClaims(clock),
        sweep=broker.sweep,
    )


def on_redis(settings: Settings, clock: Clock) -> Backends:
    """Everything in Redis, so that processes share it."""
    options, limits = settings.redis, settings.limits
    node = random_node()
    backbone = Backbone(redis_of(options), Random())  # noqa: S311 - tells publications apart and spreads load
    broker = RedisBroker(backbone, broker_options(options), clock, node)
    presence = RedisPresence(backbone, node, clock, lease=options.lease)
    nodes = RedisNodes(backbone, node, lease=options.lease)

    async def go() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(options.timeout):
                await presence.go()
                await nodes.go()

    return Backends(
        broker,
        presence,
        RedisMembership(backbone, limit=limits.memberships),
        nodes,
        RedisNoticeboard(backbone, clock, limit=limits.revocations),
        RedisClaims(backbone),
        work=(("redis", backbone.run),),
        arrive=partial(backbone.wait, options.timeout),
        drain=broker.drain,
        go=go,
        watch=partial(_watch, backbone),
        numbers=partial(_numbers, backbone, broker),
        backbone=backbone,
    )


def _watch(backbone: Backbone, watcher: Callable[[bool, str], None]) -> None:
    backbone.watch(watcher)
    if not backbone.available:
        watcher(False, backbone.trouble)


def _numbers(backbone: Backbone, broker: RedisBroker) -> BackboneNumbers:
    feeds, sender = broker.feeds, broker.sender
    return BackboneNumbers(
        backbone.losses,
        feeds.gaps,
        feeds.holes,
        feeds.healed,
        len(sender),
        sender.queued_bytes,
        backbone.timings.scripts,
    )


def broker_options(options: RedisOptions) -> BrokerOptions:
    """Take from the section `redis` what is the broker's."""
    refuse = options.when_away == "refuse"
    spool = Spool(options.spool_publications, options.spool_bytes, refuse, options.spool_wait)
    return BrokerOptions(spool, check_interval=options.check_interval)
