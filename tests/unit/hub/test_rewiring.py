"""Giving a running hub other options. `tests/integration/test_reload.py` shows it with files and signals."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from channels.errors import ReplyError
from hub.rewiring import apply
from hub.tokens import Grants, sign
from tests.live import LiveHub, running, settings_for, with_keys


async def subscribed(client: Any, channel: str) -> None:
    assert (await client.ask(action="subscribe", channel=channel))["status"] == "success"


async def status(live: LiveHub, path: str = "/health", **headers: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(f"{live.url}{path}", headers=headers) as answer:
        return answer.status


async def test_limits_count_for_those_who_come() -> None:
    """Who is there stays."""
    async with running(settings_for()) as live, live.client("a"), live.client("b"):
        await apply(live.hub, settings_for(limits__connections=1, limits__subscriptions=1, limits__notify_queue=3))
        assert len(live.hub.connections) == 2
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with live.client("c"):
                raise AssertionError
        assert live.hub.engine.max_subscriptions == 1
        assert live.hub.inbox.limit == 3
        await apply(live.hub, settings_for())
        async with live.client("c") as client:
            await subscribed(client, "system_alerts")


async def test_limits_of_a_command_are_read_when_it_comes() -> None:
    """Also on connections that are older than the options."""
    async with running(settings_for()) as live, live.client() as client:
        await apply(live.hub, settings_for(limits__batch=1))
        await client.send([{"action": "ping"}, {"action": "ping"}])
        assert (await client.receive())["type"] == "error"


async def test_requests_are_limited_by_the_new_rate() -> None:
    """And by no rate any more."""
    async with running(settings_for()) as live:
        await apply(live.hub, settings_for(limits__http_requests_per_second=1.0))
        assert sorted([await status(live), await status(live)]) == [200, 429]
        await apply(live.hub, settings_for())
        assert [await status(live) for _ in range(5)] == [200] * 5


async def test_hosts_and_origins() -> None:
    """Are checked by the new names."""
    async with running(settings_for()) as live:
        assert await status(live, Host="hub.example.com") == 403
        await apply(live.hub, settings_for(server__hosts=["hub.example.com"], server__origins=["https://a.example"]))
        assert await status(live, Host="hub.example.com") == 200
        async with live.client(origin="https://a.example") as client:
            assert client.welcome["status"] == "connected"


async def test_keys() -> None:
    """Tokens are judged by the new ones; a connection whose key is gone stays."""
    old, new = with_keys(), settings_for(auth__keys=[{"id": "k2", "secret": "n" * 32}])
    async with running(old) as live:
        token = {"Authorization": f"Bearer {sign('a', Grants(), options=old.auth, clock=live.hub.clock)}"}
        async with live.client(headers=token) as client:
            await apply(live.hub, new)
            assert await status(live, "/api/channels", **token) == 401
            fresh = sign("a", Grants(), options=new.auth, clock=live.hub.clock)
            assert await status(live, "/api/channels", Authorization=f"Bearer {fresh}") == 200
            assert (await client.ask(action="ping"))["type"] == "pong"


async def test_subscriptions_to_what_is_gone_end() -> None:
    """With a notice; others on the connection go on, and so do publications."""
    async with running(settings_for(channels__named={"deploys": {}})) as live, live.client() as client:
        await subscribed(client, "deploys")
        await subscribed(client, "system_alerts")
        await apply(live.hub, settings_for())
        notice = await client.receive()
        assert (notice["type"], notice["channel"], notice["code"]) == ("unsubscribed", "deploys", "unknown_channel")
        with pytest.raises(ReplyError):
            await live.publish("deploys", "t", 1)
        await live.publish("system_alerts", "t", 1)
        assert (await client.receive())["type"] == "t"


async def test_subscriptions_that_are_not_allowed_any_more_end() -> None:
    """Only of those who may not: a token, or being named as a member, still suffices."""
    deploys = {"deploys": {"subscribe": "members", "members": ["a"]}}
    open_to_all = settings_for(channels__named={"deploys": {}})
    async with running(open_to_all) as live, live.client("a") as one, live.client("b") as other:
        for client in (one, other):
            await subscribed(client, "deploys")
        await apply(live.hub, settings_for(channels__named=deploys))
        assert (await other.receive())["code"] == "permission_denied"
        await live.publish("deploys", "t", 1)
        assert (await one.receive())["type"] == "t"
        assert live.hub.engine.registry.count("deploys") == 1


async def test_history_goes_on_under_new_options() -> None:
    """What was published is still there, as far as the new options keep it."""
    async with running(settings_for()) as live, live.client() as client:
        for number in range(3):
            await live.publish("system_alerts", "t", number)
        await apply(live.hub, settings_for(channels__defaults={"history_size": 50}))
        reply = await client.ask(action="history", channel="system_alerts")
        assert [each["data"] for each in reply["publications"]] == [0, 1, 2]
