"""Channels that adapters bring with them, and which of them clients are on without asking."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from channels.model import Channels
from channels.policy import Access, Policy
from hub.configuration.policy_options import policy_of
from hub.options import ChannelSection, Settings
from hub.sections import hub_stats, rag_trainer
from hub.sections.hub_stats import hour_of

_EVENTS: Final = 1_000
"""Events that an hour of a fixed channel has room for, beside the numbers that come regularly."""

_PER_EVENT: Final = {Channels.VECTOR_SEARCH: 4}
"""Publications that an event takes where it is more than one: a search tells its progress."""


def adapter_channels(settings: Settings) -> dict[str, ChannelSection]:
    """Return the channels of the adapters that are switched on, with the options that they ask for."""
    trainer, stats = settings.rag_trainer, settings.hub_stats
    channels = {}
    if stats.interval:
        channels[hub_stats.CHANNEL] = ChannelSection(**hub_stats.channel_defaults(stats.interval))
    if trainer.enabled:
        channels[trainer.channel] = ChannelSection(**rag_trainer.CHANNEL_DEFAULTS)
    return channels


def kept_for_charts(settings: Settings) -> dict[str, ChannelSection]:
    """Return the fixed channels that keep an hour for charts where the configuration says nothing else.

    Numbers that come regularly don't push out the rare events beside them, such as `pool_resized`.
    """
    own_numbers = settings.system_stats.interval / 2  # `system_stats` and `host_stats`
    intervals = {
        Channels.DB_POOL_STATS: settings.database.stats_interval,
        Channels.VECTOR_SEARCH: 0.0,
        Channels.ERROR_FIREWALL: 0.0,
        Channels.MEMORY_UPDATES: 0.0,
        Channels.SYSTEM_ALERTS: own_numbers,
    }
    return {
        name: ChannelSection(**hour_of(interval, _EVENTS * _PER_EVENT.get(name, 1)))
        for name, interval in intervals.items()
    }


def policy_for(settings: Settings) -> Policy:
    """Build the policy of a hub with its adapters.

    With agents the server alone publishes to `session:ID`, whatever a token grants, and every event reaches all: what
    comes there is a log, and who follows it counts on its numbers.
    """
    channels = settings.channels
    if settings.agents.enabled:
        session = channels.session.model_copy(update={"publish": Access.NOBODY, "conflate": ""})
        channels = channels.model_copy(update={"session": session})
    return policy_of(channels, adapter_channels(settings), kept_for_charts(settings))


def greeted_with(settings: Settings, configured: Collection[str]) -> tuple[str, ...]:
    """Return the channels that a client is subscribed to when it connects: the configured ones, then the adapters'."""
    trainer = settings.rag_trainer
    brought = (trainer.channel,) if trainer.enabled and trainer.greet else ()
    return tuple(dict.fromkeys((*configured, *brought)))
