"""One client's connections, against a double that says what a hub may say."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.live import until
from tests.unit.clients.python.doubles import FAST, Conversation, playing, welcome
from tocsin_client.errors import Closed, HubError, Unreachable
from tocsin_client.hub import connect
from tocsin_client.model import Gap, Message, State
from tocsin_client.options import Options


async def plain(conversation: Conversation) -> None:
    """Welcome, and let one subscription in."""
    await conversation.say(**welcome())
    await conversation.subscribed()


async def idle(conversation: Conversation) -> None:
    """Welcome, and answer pings."""
    await conversation.say(**welcome())
    while True:
        command = await conversation.heard()
        await conversation.say(type="pong", id=command["id"])


async def test_everything_is_subscribed_in_one_frame() -> None:
    """On each connection; with the positions on the second."""

    async def first(conversation: Conversation) -> None:
        await conversation.say(**welcome())
        for _ in range(3):
            await conversation.subscribed()
        await conversation.publish(1, "b")
        await conversation.socket.close(4003)

    async def second(conversation: Conversation) -> None:
        await conversation.say(**welcome())
        for _ in range(3):
            await conversation.subscribed(recovered=True, replayed=0)
        await conversation.publish(2, "b")

    async with playing(first, second) as double, connect(double.url, options=FAST) as hub:
        begun = [asyncio.create_task(hub.subscribe(name).__aenter__()) for name in "abc"]
        subscriptions = await asyncio.gather(*begun)
        messages = subscriptions[1].events()
        assert [getattr(await anext(messages), "data", None) for _ in range(2)] == [1, 2]
        await messages.aclose()
        frame = double.conversations[1].frames[0]
        assert [(command["channel"], command["since"]["offset"]) for command in frame] == [("a", 0), ("b", 1), ("c", 0)]


async def test_a_hub_without_its_broker_says_so() -> None:
    """The connection stays; gaps stand in their places."""
    go_on = asyncio.Event()

    async def script(conversation: Conversation) -> None:
        await plain(conversation)
        await conversation.publish(1)
        await conversation.say(type="degraded", reason="Redis is away", timestamp="")
        await go_on.wait()
        await conversation.say(type="gap", channel="c", epoch="e", offset=4, timestamp="")
        await conversation.publish(5)
        await conversation.say(type="restored", timestamp="")

    told: list[Gap] = []
    async with playing(script) as double, connect(double.url, on_gap=told.append) as hub:
        states = hub.states()
        events = hub.subscribe("c").events()
        assert await anext(states) is State.CONNECTED
        assert isinstance(await anext(events), Message)
        assert await anext(states) is State.DEGRADED
        go_on.set()
        gap = await anext(events)
        assert isinstance(gap, Gap)
        assert gap.missing == 3
        assert told == [gap]
        assert isinstance(await anext(events), Message)
        assert await anext(states) is State.CONNECTED
        await events.aclose()
        await states.aclose()


async def test_a_hub_that_closes_at_once_gets_no_hail() -> None:
    """The waits grow, though it greets every time."""

    async def script(conversation: Conversation) -> None:
        await conversation.say(**welcome())
        await conversation.socket.close(1011)

    options = Options(backoff_first=0.05, backoff_longest=10.0)
    async with playing(script) as double, connect(double.url, options=options):
        await asyncio.sleep(1.0)
        assert len(double.conversations) < 12


@pytest.mark.parametrize("how", ["notice", "reason"])
async def test_the_hub_may_name_the_time(how: str) -> None:
    """In a notice before the close, or in the reason of a close with 1001."""
    closed: list[float] = []

    async def script(conversation: Conversation) -> None:
        if closed:
            closed.append(time.monotonic())
            return await idle(conversation)
        await conversation.say(**welcome())
        if how == "notice":
            await conversation.say(type="reconnect", delay_ms=400, reason="the hub is stopping")
        await conversation.socket.close(1001, "" if how == "notice" else "the hub is stopping; reconnect in 400 ms")
        closed.append(time.monotonic())
        return None

    options = Options(backoff_first=0.001, backoff_longest=0.001)
    async with playing(script) as double, connect(double.url, options=options) as hub:
        states = hub.states()
        while await anext(states) is not State.RECONNECTING:
            pass
        assert await anext(states) is State.CONNECTED
        await states.aclose()
    assert 0.35 < closed[1] - closed[0] < 5


async def test_who_is_refused_for_the_moment_waits() -> None:
    """As long as `Retry-After` says."""
    began = time.monotonic()
    async with playing(idle) as double:
        double.refusals.append(
            (503, {"Retry-After": "1"}, {"error": {"code": "too_many_connections", "message": "full"}})
        )
        async with connect(double.url, options=FAST) as hub:
            assert hub.client_id == "c-1"
    assert time.monotonic() - began > 1


async def entered(url: str, **arguments: Any) -> None:
    async with connect(url, options=FAST, **arguments):
        pass


async def test_who_is_refused_for_good_stays_away() -> None:
    """A bad request, or something that is no hub; the reason is raised."""
    async with playing(idle) as double:
        for status, body, code in (
            (409, {"error": {"code": "conflict", "message": "in use", "temporary": False}}, "conflict"),
            (404, "no such page", "not_found"),
        ):
            double.refusals.append((status, {}, body))
            with pytest.raises(Closed) as caught:
                await entered(double.url)
            assert caught.value.code == code
        assert double.conversations == []


async def test_one_new_token_is_tried() -> None:
    """With 401 and 4500; a second refusal is final."""
    tokens = iter(["old", "new", "newer"])

    async def script(conversation: Conversation) -> None:
        await conversation.socket.close(4500)

    async with playing(script) as double:
        double.refusals.append((401, {}, {"error": {"code": "invalid_token", "message": "expired"}}))
        with pytest.raises(Closed) as caught:
            await entered(double.url, token=lambda: next(tokens))
        assert caught.value.close_code == 4500
        assert [conversation.token for conversation in double.conversations] == ["new"]


async def test_a_token_source_that_fails_is_asked_again() -> None:
    """Nobody gives up for a token service that is down for a moment."""
    tries: Iterator[Exception | str] = iter([OSError("down"), "token"])

    def source() -> str:
        given = next(tries)
        if isinstance(given, Exception):
            raise given
        return given

    async with playing(idle) as double, connect(double.url, token=source, options=FAST):
        assert double.conversations[0].token == "token"


async def test_the_name_that_the_hub_made_is_kept() -> None:
    """Publications that exclude this client are withheld from it after a break, too."""

    async def first(conversation: Conversation) -> None:
        await conversation.say(**welcome(client_id="made-up"))
        await conversation.socket.close(4000)

    async with playing(first, idle) as double, connect(double.url, options=FAST):
        await until(lambda: len(double.conversations) == 2)
        assert double.conversations[1].path == "/ws?channels=&client_id=made-up"


async def test_requests_outlive_a_break() -> None:
    """They are sent again, with the same idempotency key."""

    async def first(conversation: Conversation) -> None:
        await conversation.say(**welcome())
        await conversation.heard("publish")
        await conversation.socket.close(4000)

    async def second(conversation: Conversation) -> None:
        await conversation.say(**welcome())
        command = await conversation.heard("publish")
        result = {"channel": "c", "epoch": "e", "offset": 1, "subscribers": 0, "duplicate": True}
        await conversation.say(type="publish", status="success", id=command["id"], results=[result])
        conversation.frames.append(command)

    async with playing(first, second) as double, connect(double.url, options=FAST) as hub:
        assert (await hub.publish("c", "t", 1)).duplicate
        keys = {conversation.frames[-1]["idempotency_key"] for conversation in double.conversations}
        assert len(keys) == 1


async def test_nobody_there() -> None:
    """Entering gives up in time, and says why."""
    options = Options(open_timeout=0.3, backoff_first=0.01, backoff_longest=0.01)
    with pytest.raises(Unreachable, match=r"no connection within 0\.3 s: http://127\.0\.0\.1:9"):
        async with connect("http://127.0.0.1:9", options=options):
            pass


async def test_words_that_nobody_knows_are_ignored() -> None:
    """So is what isn't JSON."""

    async def script(conversation: Conversation) -> None:
        await conversation.socket.send("{")
        await conversation.socket.send("[1]")
        await conversation.say(**welcome())
        await conversation.say(type="brand_new", id=77)
        await conversation.say(type="error", code="internal", message="x", id=[1])
        await plain(conversation)
        await conversation.publish(1)

    async with playing(script) as double, connect(double.url) as hub:
        async for message in hub.subscribe("c"):
            assert message.data == 1
            break


async def test_idle_connections_stay() -> None:
    """A hub that closes them after a second is asked for a pong before."""

    async def script(conversation: Conversation) -> None:
        await conversation.say(**welcome(idle_timeout=0.4))
        began = time.monotonic()
        await conversation.heard("ping")
        assert time.monotonic() - began < 2

    async with playing(script) as double, connect(double.url):
        await until(lambda: bool(double.conversations and double.conversations[0].frames))


async def test_a_closed_client_refuses() -> None:
    """What is asked of it later; its error is a plain one."""
    async with playing(idle) as double:
        async with connect(double.url) as hub:
            pass
        with pytest.raises(HubError):
            await hub.ping()
        with pytest.raises(Closed):
            await hub.subscribe("c").__aenter__()
        await hub.close()
