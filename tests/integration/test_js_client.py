"""The JavaScript client in Node against a real hub: whatever breaks, each publication comes once and in order."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from hub.closing import CloseCode
from hub.options import Settings
from tests.integration.test_auth import lasting
from tests.js_client import Program, following
from tests.live import LiveHub, running, settings_for, until, with_keys
from tests.proxy import Proxy, proxied

CHANNEL = "ai_analysis"

LONG: dict[str, Any] = {"channels__named": {CHANNEL: {"history_size": 5000}}}
"""History that reaches back over whatever a test breaks."""


@pytest.fixture
async def live() -> AsyncIterator[LiveHub]:
    """A hub with a long history."""
    async with running(settings_for(**LONG)) as live:
        yield live


def subscribed(live: LiveHub, count: int = 1) -> bool:
    """Tell whether so many connections are on the channel."""
    return live.hub.engine.registry.count(CHANNEL) == count


def numbers(program: Program) -> list[int]:
    """What a follower got, in order."""
    return [publication["data"] for publication in program.all("publication")]


async def publish_and_cut(live: LiveHub, proxy: Proxy, cuts: int) -> int:
    """Publish numbers from 0 on while the connection is cut again and again; return how many were published."""
    choose = random.Random(7)
    published = 0
    for _ in range(cuts):
        for _ in range(choose.randrange(1, 20)):
            await live.publish(CHANNEL, "tick", published)
            published += 1
            await asyncio.sleep(choose.random() * 0.01)
        links = proxy.links
        proxy.cut()
        for _ in range(3):
            await live.publish(CHANNEL, "tick", published)
            published += 1
        # The next cut hits a connection, or the next attempt at one.
        await until(lambda links=links: proxy.links > links)  # type: ignore[misc]
    return published


@pytest.mark.parametrize(("way", "cuts"), [("ws", 20), ("native", 6), ("loop", 6)])
async def test_cuts_lose_and_repeat_nothing(live: LiveHub, way: str, cuts: int) -> None:
    """With the package `ws`; and in fewer cuts, as the client is the same, with Node's own WebSocket, and read by a
    loop."""
    settings = {way: True} if way != "ws" else {}
    async with proxied(live.port) as proxy, following(proxy.url, CHANNEL, **settings) as program:
        await program.some("ready")
        published = await publish_and_cut(live, proxy, cuts)
        await program.until(lambda: len(numbers(program)) >= published)
        assert numbers(program) == list(range(published))
        assert program.all("gap") == []
        assert program.all("state").count("reconnecting") >= cuts / 2


async def test_links_that_break_at_any_byte_lose_and_repeat_nothing(live: LiveHub) -> None:
    """In the middle of a frame, of a replay, of the upgrade."""
    choose = random.Random(11)
    async with (
        proxied(live.port, lambda: choose.randrange(100, 6000)) as proxy,
        following(proxy.url, CHANNEL) as program,
    ):
        await program.some("ready")
        for number in range(300):
            await live.publish(CHANNEL, "tick", number)
            await asyncio.sleep(0.005)
        await program.until(lambda: len(numbers(program)) >= 300)
        assert numbers(program) == list(range(300))
        assert program.all("gap") == []
        assert proxy.links > 5


async def test_a_new_hub_has_other_epochs_and_the_client_says_so() -> None:
    """After a restart of a hub that keeps its streams in memory: a gap, and then what the new one has."""
    async with AsyncExitStack() as stack:
        async with running(settings_for()) as first:
            program = await stack.enter_async_context(following(first.url, CHANNEL))
            await program.some("ready")
            await first.publish(CHANNEL, "tick", 1)
            await program.some("publication")
        await program.until(lambda: "reconnecting" in program.all("state"))
        async with running(settings_for(server__port=first.port)) as second:
            await second.publish(CHANNEL, "tick", 2)
            [gap, *more] = await program.some("gap")
            assert (gap["reason"], gap["from"]["offset"], more) == ("unrecovered", 1, [])
            last = (await program.some("publication", 2))[-1]
            assert (last["data"], last["gap"]) == (2, gap)


async def test_a_hub_that_stops_names_the_time(live: LiveHub) -> None:
    """The client says that it reconnects, and doesn't end."""
    async with following(live.url, CHANNEL) as program:
        await program.some("ready")
        await live.hub.drain()
        await program.until(lambda: "reconnecting" in program.all("state"))


async def test_a_dead_link_is_found_and_left(live: LiveHub) -> None:
    """Nothing comes and nothing breaks, as when the other side lost its power: within two intervals it is replaced."""
    async with proxied(live.port) as proxy, following(proxy.url, CHANNEL, pingInterval=300) as program:
        await program.some("ready")
        proxy.hold()
        begin = time.monotonic()
        await live.publish(CHANNEL, "tick", 1)
        await program.until(lambda: "reconnecting" in program.all("state"))
        assert time.monotonic() - begin < 5  # two intervals are 0.6 s; the rest is for a busy machine
        proxy.pass_on()
        await program.some("publication")
        assert numbers(program) == [1]


async def test_a_token_is_refreshed_on_the_live_connection() -> None:
    """The hub says when; the connection outlives the first token."""
    settings = with_keys(auth__leeway=0.0, **LONG)
    tokens = [lasting(2.0), lasting(60.0)]
    async with running(settings) as live, following(live.url, CHANNEL, tokens=tokens) as program:
        await program.some("ready")
        [connection] = live.hub.connections
        await until(lambda: (connection.principal.expires or 0) > time.time() + 30)
        await asyncio.sleep(2.2)  # the life of the first token
        await live.publish(CHANNEL, "tick", 1)
        await program.some("publication")
        assert program.all("state") == ["connected"]
        assert program.all("error") == []


async def test_an_expired_token_is_replaced_by_a_new_connection() -> None:
    """The hub closes with 4501; the client gets another token, and only then comes back."""
    settings = with_keys(**LONG)
    tokens = [lasting(600.0), lasting(900.0)]
    async with running(settings) as live, following(live.url, CHANNEL, tokens=tokens) as program:
        await program.some("ready")
        [first] = live.hub.connections
        first.close(CloseCode.TOKEN_EXPIRED, "the token expired")
        await program.until(lambda: program.all("state").count("connected") == 2)
        await until(lambda: subscribed(live))
        [second] = live.hub.connections
        assert (second.principal.expires or 0) > time.time() + 700
        await live.publish(CHANNEL, "tick", 1)
        await program.some("publication")
        assert program.all("gap") == []


@pytest.mark.parametrize("tokens", [[lasting(-60.0)], []])
async def test_without_a_good_token_it_stays_away(tokens: list[str]) -> None:
    """A refused upgrade looks like a dead network, so the second attempt sends the token as a command, and is told."""
    async with (
        running(with_keys()) as live,
        following(live.url, CHANNEL, **({"tokens": tokens} if tokens else {})) as program,
    ):
        await program.until(lambda: program.all("state")[-1:] == ["closed"])
        assert program.all("refused")[0]["code"] == "closed"
        assert await program.ended() == 0


async def test_a_ban_is_for_good(live: LiveHub) -> None:
    """4504: no further attempt, and the program ends because nothing keeps it."""
    async with following(live.url, CHANNEL) as program:
        await program.some("ready")
        for connection in live.hub.connections:
            connection.close(CloseCode.BANNED, "enough")
        assert await program.ended() == 0
        assert {"state": "closed", "code": 4504} in program.lines


async def test_publishing_with_a_key_is_done_once_over_any_number_of_cuts() -> None:
    """Each is answered, none is twice in history."""
    settings = with_keys(**LONG)
    tokens = [lasting(600.0, publish=[CHANNEL])]
    async with (
        running(settings) as live,
        proxied(live.port) as proxy,
        following(proxy.url, CHANNEL, tokens=tokens) as program,
    ):
        await program.some("ready")
        for number in range(60):
            await program.order(publish=[CHANNEL, "order", number, {"idempotencyKey": f"k{number}", "timeout": 20_000}])
            if number % 4 == 0:
                proxy.cut()
                await asyncio.sleep(0.02)
        await program.some("result", 60)
        history = await live.hub.engine.history(CHANNEL, None, None, 1000)
        assert sorted(int(publication.data) for publication in history.publications) == list(range(60))
        assert program.all("failure") == []
        await program.until(lambda: sorted(numbers(program)) == list(range(60)))


async def test_requests_and_their_refusals(live: LiveHub) -> None:
    """History, presence and statistics come as they are; what is refused says why."""
    await live.publish(CHANNEL, "tick", 1)
    async with following(live.url, CHANNEL) as program:
        await program.some("ready")
        await program.order(history=[CHANNEL, {"limit": 5}])
        await program.order(presence=[CHANNEL, {"members": False}])
        await program.order(stats=[])
        history, presence, stats = await program.some("result", 3)
        assert [publication["data"] for publication in history["publications"]] == [1]
        assert (presence["clients"], stats["total_clients"]) == (1, 1)
        await program.order(publish=["system_alerts", "note", 1])
        [failure] = await program.some("failure")
        assert (failure["name"], failure["code"], failure["temporary"]) == ("HubError", "permission_denied", False)
        await program.order(subscribe=["nope"])
        [refused] = await program.some("refused")
        assert refused["code"] == "unknown_channel"


async def test_a_second_reader_catches_up_on_a_channel_that_is_live(live: LiveHub) -> None:
    """The hub replays nothing for a connection that is on the channel already: history has it."""
    for number in range(5):
        await live.publish(CHANNEL, "tick", number)
    async with following(live.url, CHANNEL) as program:
        await program.some("ready")
        await program.order(subscribe=[CHANNEL, {"since": {"offset": 0}}])
        await program.until(lambda: numbers(program) == [0, 1, 2, 3, 4])
        await live.publish(CHANNEL, "tick", 5)
        await program.until(lambda: numbers(program) == [0, 1, 2, 3, 4, 5, 5])


async def test_everything_that_history_holds(live: LiveHub) -> None:
    """For a page that opens; it is no gap."""
    for number in range(3):
        await live.publish(CHANNEL, "tick", number)
    async with following(live.url, CHANNEL, since={"offset": 0}) as program:
        await program.some("publication", 3)
        assert numbers(program) == [0, 1, 2]
        assert program.all("gap") == []


async def test_conflated_channels_skip_without_a_gap() -> None:
    """Offsets that were replaced are not missing."""
    options: dict[str, Any] = {"channels__named": {CHANNEL: {"conflate": "type"}}}
    settings: Settings = settings_for(**options)
    async with running(settings) as live, proxied(live.port) as proxy, following(proxy.url, CHANNEL) as program:
        await program.some("ready")
        await live.publish(CHANNEL, "a", 0)
        await program.some("publication")
        proxy.cut()
        for number in range(1, 6):
            await live.publish(CHANNEL, "a", number)
        await program.until(lambda: numbers(program)[-1] == 5)
        await live.publish(CHANNEL, "a", 6)
        await program.until(lambda: numbers(program)[-1] == 6)
        assert program.all("gap") == []
