"""Hubs with an error firewall on a real PostgreSQL, and who asks them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hub.adapters.error_firewall import Firewall
from hub.options import Settings
from tests.integration.api_client import Answer, Api
from tests.live import Client, LiveHub, running, settings_for, until

DEAD = {"device": "iPhone 15", "os_version": "17.0"}
"""A simulator that doesn't exist."""
ALIVE = {"device": "iPhone 15 Pro", "os_version": "17.2"}
CHECK = "/api/firewall/check"
RECORDS = "/api/firewall/records"


def with_firewall(dsn: str, **options: Any) -> Settings:
    """Settings of an open hub with a firewall in this database."""
    return settings_for(**{"error_firewall__enabled": True, "database__url": dsn} | options)


@asynccontextmanager
async def guarded(settings: Settings) -> AsyncIterator[LiveHub]:
    """Run a hub, and wait until its firewall has loaded what is known."""
    async with running(settings) as live:
        await until(lambda: not firewall_of(live).firewall.problems)
        yield live


def firewall_of(live: LiveHub) -> Firewall:
    """The firewall of a hub."""
    firewall = live.hub.adapters.error_firewall
    assert firewall is not None
    return firewall


def report(**fields: Any) -> dict[str, Any]:
    """An error as a service reports it."""
    error = {"operation": "ios_build", "params": DEAD, "error_type": "DeviceNotFound"}
    return error | {"message": "no simulator iPhone 15 with iOS 17.0"} | fields


async def check(api: Api, params: dict[str, Any], operation: str = "ios_build") -> Any:
    """Check an operation; fails when the check itself is refused."""
    answer = await api("POST", CHECK, {"operation": operation, "params": params})
    assert answer.status == 200, answer.json
    return answer.json


async def block(api: Api, solution: str = "iPhone 15 Pro, 17.2", **fields: Any) -> str:
    """Record an error and confirm it; return its id."""
    recorded: Answer = await api("POST", RECORDS, report(**fields))
    assert recorded.status == 200, recorded.json
    id: str = recorded.json["id"]
    confirmed = await api("POST", f"{RECORDS}/{id}/confirm", {"solution": {"text": solution}})
    assert confirmed.status == 200, confirmed.json
    return id


async def next_of(client: Client, type: str) -> Any:
    """Read up to the next message of a type; return its data."""
    while True:
        message = await client.receive()
        if message["type"] == type:
            return message["data"]
