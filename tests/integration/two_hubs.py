"""Two hubs on one Valkey, each with sockets of its own, as two processes of one hub."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from hub.notify import Inbox
from tests.live import LiveHub, running, settings_for, with_keys
from tests.redis_server import RedisServer, redis_server

NAMED: dict[str, Any] = {
    "chat": {"publish": "everyone", "history_size": 10_000},
    "prices": {"publish": "everyone", "conflate": "key"},
    "slow": {"publish": "everyone", "max_rate": 1.0},
}


class Two(NamedTuple):
    """Both, and what they share."""

    server: RedisServer
    a: LiveHub
    b: LiveHub


@asynccontextmanager
async def two(*, keys: bool = False, inbox: Inbox | None = None, **options: Any) -> AsyncIterator[Two]:
    """Run them; `inbox` is that of `a`."""
    async with redis_server() as server:
        make = with_keys if keys else settings_for
        settings = make(**{"channels__named": NAMED, "redis__url": server.url, "redis__timeout": 1.0, **options})
        async with running(settings, inbox) as a, running(settings) as b:
            yield Two(server, a, b)
