"""One connection: batches, replies in their places, signs of life."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.unit.clients.python.doubles import FAST, Conversation, playing
from tocsin_client.address import Address
from tocsin_client.dial import dial
from tocsin_client.link import BATCH, Link


async def test_commands_of_one_turn_are_one_frame() -> None:
    """Up to a hub's bound; their replies reach who asked, in order with everything else."""
    frames: list[Any] = []

    async def script(conversation: Conversation) -> None:
        for _ in range(BATCH + 1):
            command = await conversation.heard()
            await conversation.say(type="pong", id=command["id"])
        frames.extend(conversation.frames)
        await conversation.publish(1, id=1)
        await conversation.socket.close(4002, "too slow")

    events: list[Any] = []
    async with playing(script) as double:
        link = Link(await dial(Address.parse(double.url), None, None, FAST), lambda f, _: events.append(f["data"]), 20)
        for number in range(BATCH + 1):
            link.send({"action": "ping"}, lambda _, number=number: events.append(number))  # type: ignore[misc]
        assert await link.run() == (4002, "too slow")
    assert [len(frame) for frame in frames] == [BATCH, len(("action", "id"))]
    assert events == [*range(BATCH + 1), 1]


async def test_who_waits_is_told_of_the_end() -> None:
    """With nothing; and so is who asks later."""

    async def script(conversation: Conversation) -> None:
        await conversation.heard()
        conversation.socket.transport.abort()

    async with playing(script) as double:
        link = Link(await dial(Address.parse(double.url), None, None, FAST), lambda *_: None, 20)
        answers: list[Any] = []
        link.send({"action": "ping"}, answers.append)
        link.later(60, lambda: answers.append("late"))
        assert (await link.run())[0] == 1006
        link.send({"action": "ping"}, answers.append)
        assert answers == [None, None]


async def test_what_is_no_json_is_refused_before_it_is_sent() -> None:
    """Or it would be the connection that pays."""

    async def script(conversation: Conversation) -> None:
        await conversation.heard()
        await conversation.socket.close(4000)

    async with playing(script) as double:
        link = Link(await dial(Address.parse(double.url), None, None, FAST), lambda *_: None, 20)
        for data in (float("nan"), object()):
            with pytest.raises((TypeError, ValueError)):
                link.send({"action": "publish", "data": data}, lambda _: None)
        link.send({"action": "ping"}, lambda _: None)
        await link.run()
        assert [frame["action"] for frame in double.conversations[0].frames] == ["ping"]


async def test_a_silent_hub_is_cut() -> None:
    """One that answers pings isn't, however long that goes on."""
    pings = 5

    async def script(conversation: Conversation) -> None:
        for _ in range(pings):
            command = await conversation.heard("ping")
            await conversation.say(type="pong", id=command["id"])
        await conversation.heard("ping")

    async with playing(script) as double:
        link = Link(await dial(Address.parse(double.url), None, None, FAST), lambda *_: None, 0.05)
        began = asyncio.get_running_loop().time()
        assert (await link.run())[0] == 1006
        assert asyncio.get_running_loop().time() - began >= (pings + 1) * 0.05
