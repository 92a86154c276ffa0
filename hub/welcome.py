"""The first message of a connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.options import Settings
from hub.outbox import Outbox


def welcome(settings: Settings, outbox: Outbox, channels: Sequence[str], now: str) -> dict[str, Any]:
    """Greet a client that is known.

    Args:
        channels: named channels that it may subscribe to.
        now: ISO 8601.
    """
    limits = settings.limits
    return {
        "type": "connection",
        "status": "connected",
        "client_id": outbox.client_id,
        "session": outbox.session,
        "user": outbox.principal.user,
        "timestamp": now,
        "protocol": 1,
        "available_channels": channels,
        "heartbeat": settings.websocket.heartbeat,
        "idle_timeout": settings.websocket.idle_timeout,
        "limits": {
            "message_bytes": limits.message_bytes,
            "commands_per_second": limits.commands_per_second,
            "command_burst": limits.command_burst,
            "subscriptions": limits.subscriptions,
            "queued_bytes": limits.queued_bytes,
            "batch": limits.batch,
        },
    }


def request_for_token(outbox: Outbox, now: str) -> dict[str, Any]:
    """Ask a client for `authenticate`."""
    return {
        "type": "connection",
        "status": "unauthenticated",
        "client_id": outbox.client_id,
        "session": outbox.session,
        "timestamp": now,
    }
