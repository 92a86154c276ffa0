"""The hub's own numbers on real sockets: who hears them, who doesn't, and what the welcome says of that."""

from __future__ import annotations

import asyncio
from typing import Any

from channels.messages import HubStats
from channels.model import Channels
from tests.integration.api_client import api_of, token_for
from tests.live import Client, LiveHub, running, settings_for, with_keys

FROM_THE_START = {"action": "subscribe", "channel": "hub_stats", "since": {"offset": 0}}


def bearer(live: LiveHub, user: str, **grants: Any) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {token_for(live, user, **grants)}"}}


async def numbers(client: Client) -> HubStats:
    """Wait for the next numbers."""
    async with asyncio.timeout(15):
        while (message := await client.receive())["type"] != "hub_stats":
            pass
    return HubStats.model_validate(message["data"])


async def test_operators_hear_how_the_hub_is() -> None:
    """From history and then live; others are refused, and no list of theirs names the channel."""
    async with running(with_keys(hub_stats__interval=0.05)) as live:
        async with live.client("desk", **bearer(live, "olga", admin=True)) as desk:
            assert desk.welcome["operator"] is True
            assert 1_700 < desk.welcome["expires_in"] <= 1_800
            assert desk.welcome["available_channels"] == [*Channels.all(), "user:olga"]
            assert (await desk.ask(**FROM_THE_START))["recovered"] is True
            first = await numbers(desk)
            assert (first.node, first.processes) == (live.hub.across.node, 1)
            assert first.memory_usage > 10
            live.hub.metrics.publish_to_write.observe(0.004)
            while (later := await numbers(desk)).publish_to_write_p99 is None or not later.connections:
                pass
            assert 2.5 <= later.publish_to_write_p99 <= 5.0
            assert later.publications_per_second > 0
            assert (later.connections, later.broker_available, later.degraded) == (1, True, None)
        async with live.client("tab", **bearer(live, "alice", publish=("*",))) as tab:
            assert "operator" not in tab.welcome
            assert tab.welcome["available_channels"] == [*Channels.all(), "user:alice"]
            assert (await tab.ask(**FROM_THE_START))["code"] == "permission_denied"
            forged = await tab.ask(action="publish", channel="hub_stats", type="hub_stats", data={})
            assert forged["code"] == "permission_denied"
            assert (await tab.ask(action="subscribe", channel="x"))["available_channels"] == tab.welcome[
                "available_channels"
            ]
        async with api_of(live, token_for(live, "olga", admin=True)) as api:
            assert "hub_stats" in [state["channel"] for state in (await api("GET", "/api/channels")).json["channels"]]


async def test_on_an_open_hub_everyone_is_an_operator() -> None:
    """They are on this machine. Their lists are those of any other client."""
    async with running(settings_for(hub_stats__interval=0.05)) as live, live.client("tab") as tab:
        assert (tab.welcome["operator"], tab.welcome["available_channels"]) == (True, [*Channels.all(), "user:tab"])
        assert "expires_in" not in tab.welcome
        assert (await tab.ask(**FROM_THE_START))["status"] == "success"
        assert (await numbers(tab)).node == live.hub.across.node
