"""Reading a channel with `async for`."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress

import pytest

from tests.kit import rest
from tests.live import until
from tests.unit.clients.python.doubles import FAST, Conversation, playing, welcome
from tocsin_client.errors import Closed, HubError
from tocsin_client.hub import connect
from tocsin_client.model import START, Gap, Position


async def three(conversation: Conversation) -> None:
    await conversation.say(**welcome())
    await conversation.subscribed()
    for offset in (1, 2, 3):
        await conversation.publish(offset)
    await conversation.heard("unsubscribe")


async def test_a_loop_may_stop_and_go_on() -> None:
    """Inside `async with` nothing is lost between two loops; the position is that of what was read."""
    async with playing(three) as double, connect(double.url) as hub, hub.subscribe("c") as subscription:
        assert subscription.position == Position("e", 0)
        seen = []
        for _ in range(3):
            async for message in subscription:
                seen.append(message.data)
                break
            assert subscription.position == Position("e", len(seen))
        assert seen == [1, 2, 3]


@pytest.mark.parametrize("how", ["break", "error", "forgotten", "end"])
async def test_however_a_loop_ends_the_channel_is_left(how: str) -> None:
    """By a break, an error, the garbage collector, or from outside."""
    async with playing(three) as double, connect(double.url) as hub:
        subscription = hub.subscribe("c")
        if how == "forgotten":
            events = subscription.events()
            await anext(events)
            del events
            gc.collect()
        elif how == "end":
            async for _ in subscription:
                subscription.end()
        else:
            with suppress(ZeroDivisionError):
                async for _ in subscription:
                    if how == "error":
                        raise ZeroDivisionError
                    break
        await until(lambda: any("unsubscribe" in str(frame) for frame in double.conversations[0].frames))


async def test_a_subscription_begins_once() -> None:
    """Another one is a call away."""
    async with playing(three) as double, connect(double.url) as hub:
        subscription = hub.subscribe("c")
        async with subscription:
            pass
        with pytest.raises(RuntimeError, match="once"):
            await subscription.__aenter__()


async def test_refusals_are_raised_where_the_loop_is() -> None:
    """And where the block begins."""

    async def script(conversation: Conversation) -> None:
        await conversation.say(**welcome())
        while True:
            command = await conversation.heard("subscribe")
            await conversation.say(type="error", id=command["id"], code="permission_denied", message="no")

    async with playing(script) as double, connect(double.url) as hub:
        for _ in range(2):
            with pytest.raises(HubError, match="permission_denied"):
                async for _ in hub.subscribe("c"):
                    pass
        with pytest.raises(HubError, match="permission_denied"):
            await hub.subscribe("c").__aenter__()


async def test_what_came_before_an_end_is_read_first() -> None:
    """Then the end is raised, if the hub wanted it."""

    async def script(conversation: Conversation) -> None:
        await conversation.say(**welcome())
        await conversation.subscribed()
        await conversation.publish(1)
        await conversation.socket.close(4504, "enough")

    async with playing(script) as double, connect(double.url, options=FAST) as hub:
        seen = []
        messages = aiter(hub.subscribe("c"))
        seen.append((await anext(messages)).data)
        with pytest.raises(Closed, match="4504"):
            await anext(messages)
        assert seen == [1]


async def test_history_that_may_not_be_read_is_a_gap() -> None:
    """And the present goes on."""

    async def script(conversation: Conversation) -> None:
        await conversation.say(**welcome())
        await conversation.subscribed(offset=5)
        command = await conversation.heard("history")
        assert command["since"] == {"offset": 0}
        await conversation.say(type="error", id=command["id"], code="permission_denied", message="no")
        await conversation.publish(6)

    gaps: list[Gap] = []
    async with playing(script) as double, connect(double.url) as hub:
        subscription = hub.subscribe("c", since=START, on_gap=gaps.append)
        async for message in subscription:
            assert message.data == 6
            break
        assert list(subscription.gaps) == gaps
        assert [gap.reason for gap in gaps] == ["history can't be read: permission_denied"]


async def test_history_is_asked_again_when_it_is_refused_for_the_moment() -> None:
    """After the time that the hub names; a skipped offset is found that way."""

    async def script(conversation: Conversation) -> None:
        await conversation.say(**welcome())
        await conversation.subscribed()
        await conversation.publish(2)
        command = await conversation.heard("history")
        busy = {"type": "error", "code": "rate_limited", "message": "", "temporary": True, "retry_after": 0.01}
        await conversation.say(**busy, id=command["id"])
        command = await conversation.heard("history")
        assert command["since"] == {"epoch": "e", "offset": 0}
        found = [{"type": "t", "channel": "c", "data": n, "epoch": "e", "offset": n} for n in (1, 2)]
        await conversation.say(type="history", id=command["id"], publications=found, epoch="e", offset=2)

    async with playing(script) as double, connect(double.url) as hub, hub.subscribe("c") as subscription:
        messages = aiter(subscription)
        assert [(await anext(messages)).data for _ in range(2)] == [1, 2]
        assert not subscription.gaps
        await messages.aclose()


async def test_a_callback_that_raises_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged; without a callback the gap itself is."""

    def fail(_: Gap) -> None:
        raise ZeroDivisionError

    async def script(conversation: Conversation) -> None:
        await conversation.say(**welcome())
        await conversation.subscribed()
        await conversation.say(type="gap", channel="c", epoch="e", offset=2)
        await conversation.publish(3)

    async with playing(script) as double, connect(double.url) as hub:
        async for _ in hub.subscribe("c", on_gap=fail):
            break
    async with playing(script) as double, connect(double.url) as hub:
        async for _ in hub.subscribe("c"):
            break
    assert [record.message.partition(" ")[0] for record in caplog.records] == ["on_gap", "gap"]


async def test_cancelling_a_reader_loses_nothing() -> None:
    """The next one reads on."""

    async def script(conversation: Conversation) -> None:
        await conversation.say(**welcome())
        await conversation.subscribed()
        await conversation.publish(1)
        await conversation.heard("ping")
        await conversation.publish(2)

    async with (
        playing(script) as double,
        connect(double.url) as hub,
        hub.subscribe("c") as subscription,
    ):

        async def one() -> int:
            async for message in subscription:
                return int(message.data)
            return 0

        assert await one() == 1
        for _ in range(3):
            reading = asyncio.create_task(one())
            await rest()
            reading.cancel()
            await asyncio.wait({reading})
            assert reading.cancelled()
        with pytest.raises(TimeoutError):
            await hub.ping(timeout=0.01)
        assert await one() == 2
