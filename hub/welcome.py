"""The first message of a connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from channels.clock import iso
from channels.policy import Principal
from hub.options import Settings
from hub.outbox import Outbox


def welcome(settings: Settings, outbox: Outbox, channels: Sequence[str], now: float) -> dict[str, Any]:
    """Greet a client that is known.

    Args:
        channels: named channels that it may subscribe to, as far as they are listed.
        now: seconds since 1970.
    """
    limits = settings.limits
    return {
        "type": "connection",
        "status": "connected",
        "client_id": outbox.client_id,
        "session": outbox.session,
        "user": outbox.principal.user,
        "timestamp": iso(now),
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
        **standing(outbox.principal, now),
    }


def standing(principal: Principal, now: float) -> dict[str, Any]:
    """Say that a client is an operator, and for how many seconds its token lasts. What isn't so is left out."""
    fields: dict[str, Any] = {"operator": True} if principal.admin else {}
    if principal.expires is not None:
        fields["expires_in"] = round(max(0.0, principal.expires - now), 3)
    return fields


def request_for_token(outbox: Outbox, now: str) -> dict[str, Any]:
    """Ask a client for `authenticate`."""
    return {
        "type": "connection",
        "status": "unauthenticated",
        "client_id": outbox.client_id,
        "session": outbox.session,
        "timestamp": now,
    }
