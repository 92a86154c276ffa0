"""Channels that adapters bring with them, and which of them clients are on without asking."""

from __future__ import annotations

from collections.abc import Collection

from hub.options import ChannelSection, Settings
from hub.sections.rag_trainer import CHANNEL_DEFAULTS


def adapter_channels(settings: Settings) -> dict[str, ChannelSection]:
    """Return the channels of the adapters that are switched on, with the options that they ask for."""
    trainer = settings.rag_trainer
    return {trainer.channel: ChannelSection(**CHANNEL_DEFAULTS)} if trainer.enabled else {}


def greeted_with(settings: Settings, configured: Collection[str]) -> tuple[str, ...]:
    """Return the channels that a client is subscribed to when it connects: the configured ones, then the adapters'."""
    trainer = settings.rag_trainer
    brought = (trainer.channel,) if trainer.enabled and trainer.greet else ()
    return tuple(dict.fromkeys((*configured, *brought)))
