"""Who comes back and who stays away, and how tokens are renewed: the Python client against a real hub."""

from __future__ import annotations

import asyncio

import pytest

from hub.closing import CloseCode
from hub.tokens import sign
from tests.integration.test_python_client import CHANNEL, chat, first, subscribers
from tests.live import LiveHub, running, settings_for, until, with_keys
from tests.unit.clients.python.doubles import FAST
from tocsin_client import Closed, State, connect
from tocsin_client.hub import Hub


def token(live: LiveHub, seconds: float) -> str:
    """Make a token that ends after so long."""
    return sign("alice", options=live.hub.settings.auth, clock=live.hub.clock, lifetime=seconds)


async def test_codes_decide() -> None:
    """After 4003 the client comes back; after 4504 it stays away and says why."""
    async with running(settings_for(channels__named=chat())) as live, connect(live.url, options=FAST) as hub:
        reading = asyncio.create_task(first(1, hub.subscribe(CHANNEL)))
        await until(lambda: subscribers(live) == 1)
        for connection in live.hub.connections:
            connection.close(CloseCode.DISCONNECTED, "come back")
        await until(lambda: hub.state is not State.CONNECTED)
        await until(lambda: subscribers(live) == 1)
        for connection in live.hub.connections:
            connection.close(CloseCode.BANNED, "enough")
        with pytest.raises(Closed) as caught:
            await reading
        assert caught.value.close_code == 4504
        assert hub.state is State.CLOSED
        with pytest.raises(Closed):
            await hub.ping()


async def opened(hub: Hub) -> None:
    """Enter and leave."""
    async with hub:
        pass


async def test_a_hub_that_wants_tokens() -> None:
    """Without one, or with a wrong one, entering raises at once."""
    async with running(with_keys()) as live:
        with pytest.raises(Closed) as caught:
            await opened(connect(live.url))
        assert caught.value.code == "unauthenticated"
        with pytest.raises(Closed) as caught:
            await opened(connect(live.url, token="no.such.token"))
        assert caught.value.code == "invalid_token"
        assert "no.such.token" not in str(caught.value)


async def test_a_token_is_refreshed_before_it_ends() -> None:
    """On the connection that is open: its reader notices nothing."""
    async with running(with_keys(channels__named=chat(), auth__leeway=0.0)) as live:
        lifetimes = iter([2.0, 600.0])
        async with connect(live.url, token=lambda: token(live, next(lifetimes)), options=FAST) as hub:

            async def watch() -> list[State]:
                return [state async for state in hub.states()]

            watching = asyncio.create_task(watch())
            async with hub.subscribe("system_alerts") as subscription:
                ended = live.hub.clock.now() + 3.0
                await until(lambda: live.hub.clock.now() > ended)  # beyond the first token
                await live.publish("system_alerts", "note", 1)
                assert await first(1, subscription) == [1]
        assert await watching == [State.CONNECTED, State.CLOSED]


async def test_a_token_that_has_ended_is_replaced_once() -> None:
    """When the source gives another one the client comes back; when it gives the same, it stays away."""
    async with running(with_keys(auth__leeway=0.0)) as live:
        old = token(live, 1.0)
        async with connect(live.url, token=old, options=FAST) as hub:
            with pytest.raises(Closed) as caught:
                await first(1, hub.subscribe("system_alerts"))
            assert caught.value.close_code == 4501
        tokens = iter([token(live, 1.0), old, token(live, 600.0)])

        async def source() -> str:
            return next(tokens)

        async with connect(live.url, token=source, options=FAST) as hub, hub.subscribe("system_alerts") as subscription:
            await until(lambda: hub.state is State.RECONNECTING)
            await until(lambda: hub.state is State.CONNECTED)
            await live.publish("system_alerts", "note", 1)
            assert await first(1, subscription) == [1]
