"""Client of the Tocsin notification hub.

Follow channels, without losing a message:

    async with connect("https://hub.example.com", token=token) as hub:
        async for message in hub.subscribe("system_alerts"):
            ...

Say what happened, without waiting: `notify_channel("system_alerts", "alert", {...})`.

What listens is imported when it is first used, so that services which only notify don't pay for asyncio and websockets.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tocsin_client.errors import Closed, HubError, RequestTimeout, Unreachable
from tocsin_client.limits import Limits
from tocsin_client.model import (
    START,
    Event,
    Gap,
    History,
    Joined,
    Left,
    Member,
    Message,
    Position,
    PresenceState,
    Published,
    State,
)
from tocsin_client.notifier import Stats
from tocsin_client.notify import configure, flush, notify_channel, notify_user, stats
from tocsin_client.options import Options
from tocsin_client.publisher import Publisher, publish
from tocsin_client.tokens import token_file

if TYPE_CHECKING:
    from tocsin_client.chat import Chat
    from tocsin_client.hub import Hub, connect
    from tocsin_client.publish_async import apublish
    from tocsin_client.subscription import Subscription

_LISTENING = {
    "Chat": "tocsin_client.chat",
    "Hub": "tocsin_client.hub",
    "Subscription": "tocsin_client.subscription",
    "apublish": "tocsin_client.publish_async",
    "connect": "tocsin_client.hub",
}

__all__ = [
    "START",
    "Chat",
    "Closed",
    "Event",
    "Gap",
    "History",
    "Hub",
    "HubError",
    "Joined",
    "Left",
    "Limits",
    "Member",
    "Message",
    "Options",
    "Position",
    "PresenceState",
    "Published",
    "Publisher",
    "RequestTimeout",
    "State",
    "Stats",
    "Subscription",
    "Unreachable",
    "apublish",
    "configure",
    "connect",
    "flush",
    "notify_channel",
    "notify_user",
    "publish",
    "stats",
    "token_file",
]


def __getattr__(name: str) -> Any:
    if name not in _LISTENING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_LISTENING[name]), name)
    return value
