"""The client's own face: entering, leaving, asking."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.clients.python.doubles import FAST, Conversation, playing, welcome
from tocsin_client.errors import RequestTimeout
from tocsin_client.hub import connect
from tocsin_client.model import State
from tocsin_client.options import Options


async def deaf(conversation: Conversation) -> None:
    await conversation.say(**welcome())


async def test_it_is_entered_once() -> None:
    """And used after that only."""
    async with playing(deaf) as double:
        hub = connect(double.url, options=FAST)
        assert hub.state is State.CONNECTING
        with pytest.raises(RuntimeError, match="async with"):
            hub.subscribe("c")
        async with hub:
            assert (hub.state, hub.channels) == (State.CONNECTED, ("c",))
        with pytest.raises(RuntimeError, match="once"):
            await hub.__aenter__()


async def test_requests_have_a_deadline() -> None:
    """Their own, or that of the options."""
    async with playing(deaf) as double, connect(double.url, options=Options(request_timeout=0.05)) as hub:
        with pytest.raises(RequestTimeout, match=r"ping: no answer within 0\.05 s"):
            await hub.ping()
        with pytest.raises(TimeoutError):
            await hub.stats(timeout=0.01)


async def test_what_is_no_json_cannot_be_published() -> None:
    """The connection doesn't suffer."""
    async with playing(deaf) as double, connect(double.url) as hub:
        with pytest.raises(TypeError):
            await hub.publish("c", "t", object())
        assert hub.state is State.CONNECTED


async def test_commands_have_what_was_asked_for() -> None:
    """And nothing else: a hub refuses unknown fields."""

    async def script(conversation: Conversation) -> None:
        await conversation.say(**welcome())
        for _ in range(4):
            command = await conversation.heard()
            result = {"channel": "c", "subscribers": 0, "duplicate": False}
            reply = {"publications": [], "epoch": "e", "offset": 0, "clients": 0, "users": 0, "results": [result]}
            await conversation.say(type="reply", id=command["id"], **reply)
            commands.append({name: value for name, value in command.items() if name != "id"})

    commands: list[dict[str, object]] = []
    async with playing(script) as double, connect(double.url) as hub:
        await hub.publish("c", "t", 1, key="k", idempotency_key="i", version=2, echo=False)
        await hub.publish("c", "t", 1, idempotency_key="i")
        await hub.history("c", limit=3, reverse=True)
        await hub.presence("c", members=False)
    publish = {"action": "publish", "channel": "c", "type": "t", "data": 1, "idempotency_key": "i"}
    assert commands == [
        publish | {"key": "k", "version": 2, "echo": False},
        publish,
        {"action": "history", "channel": "c", "limit": 3, "reverse": True},
        {"action": "presence", "channel": "c", "members": False},
    ]


async def test_many_requests_take_turns() -> None:
    """No more wait at the hub than the options say."""
    most = 0

    async def script(conversation: Conversation) -> None:
        nonlocal most
        await conversation.say(**welcome())
        for _ in range(10):
            command = await conversation.heard()
            most = max(most, len(conversation._commands) + 1)
            await asyncio.sleep(0.005)
            await conversation.say(type="pong", id=command["id"])

    async with playing(script) as double, connect(double.url, options=Options(requests=2)) as hub:
        await asyncio.gather(*(hub.ping() for _ in range(10)))
    assert most <= 2
