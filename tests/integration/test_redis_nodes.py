"""Notices, reports and messages over several processes on a real Valkey, while processes and the server come and go."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.redis.config import Address
from tests.proxy import proxied
from tests.redis_ports import LEASE, Ports, redis_ports
from tests.redis_process import soon
from tests.redis_server import RedisServer, redis_server

NAMES = ("red", "green", "blue")
Stage = tuple[RedisServer, list[Ports]]


@pytest.fixture(params=["keeps its data", "comes back empty"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with redis_server(persistent=request.param == "keeps its data") as server, AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(redis_ports(server.address, name)) for name in NAMES]
        await all_alive(processes)
        yield server, processes


async def all_alive(processes: list[Ports]) -> None:
    """Wait until each process sees all, and hears all."""
    for process in processes:
        async with asyncio.timeout(15.0):
            while not await _sees(process, len(processes)):  # noqa: ASYNC110 - a server sets no event
                await asyncio.sleep(0.01)


async def _sees(process: Ports, number: int) -> bool:
    try:
        return len(await process.nodes.reports()) == number == await process.nodes.tell("hello", {}) + 1
    except ReplyError:
        return False


def later() -> float:
    return time.time() + 1000.0


async def test_a_notice_outlives_the_server(stage: Stage) -> None:
    """Who knows it puts it up again where it was lost, so that a process that starts then knows it as well."""
    server, processes = stage
    until = later()
    for n in range(700):
        await processes[n % 3].noticeboard.post(f"n{n}", until)
    await server.restart(signal.SIGKILL)
    async with redis_ports(server.address, "late") as late:
        for process in (*processes, late):
            await soon(lambda process=process: len(process.noticed) >= 700)  # type: ignore[misc]
            assert sorted(process.noticed) == sorted((f"n{n}", until) for n in range(700))


async def test_what_can_not_be_posted_is_up_nowhere(stage: Stage) -> None:
    """And is known nowhere, also when the server is back. Then it can be posted."""
    server, processes = stage
    until = later()
    await server.stop(signal.SIGKILL)
    with pytest.raises(ReplyError) as caught:
        await processes[0].noticeboard.post("a", until)
    assert caught.value.code is ErrorCode.UNAVAILABLE
    await server.start()
    await all_alive(processes)
    await processes[1].noticeboard.post("b", until)
    for process in processes:
        await soon(lambda process=process: len(process.noticed) > 0)  # type: ignore[misc]
        assert process.noticed == [("b", until)]


async def test_who_was_cut_off_learns_what_was_posted_meanwhile() -> None:
    """All of it once, also what it missed of several pages."""
    until = later()
    async with (
        redis_server() as server,
        proxied(server.port) as proxy,
        redis_ports(server.address, "red") as red,
        redis_ports(Address("127.0.0.1", proxy.port), "blue", timeout=0.3) as blue,
    ):
        await all_alive([red, blue])
        await red.noticeboard.post("before", until)
        await soon(lambda: len(blue.noticed) == 1)
        proxy.hold()
        for n in range(1100):
            await red.noticeboard.post(f"n{n}", until)
        proxy.cut()
        proxy.pass_on()
        await soon(lambda: len(blue.noticed) >= 1101)
        await red.noticeboard.post("after", until)
        await soon(lambda: len(blue.noticed) >= 1102)
        assert len(set(blue.noticed)) == len(blue.noticed) == 1102


async def test_a_dead_process_is_gone_within_its_lease(stage: Stage) -> None:
    """From the reports of all others, and nobody counts on telling it anything."""
    _, (red, green, blue) = stage
    loop = asyncio.get_running_loop()
    died = loop.time()
    await blue.die()
    await all_alive([red, green])
    assert loop.time() - died < LEASE + 0.5


async def test_who_goes_is_gone_at_once(stage: Stage) -> None:
    """No beat that comes later brings it back."""
    _, (red, green, blue) = stage
    await blue.nodes.go()
    assert set(await red.nodes.reports()) == {"red", "green"}
    beats = blue.nodes.heartbeat.turns
    await soon(lambda: blue.nodes.heartbeat.turns > beats + 1)
    assert set(await green.nodes.reports()) == {"red", "green"}


async def test_all_are_alive_again_when_the_server_is_back(stage: Stage) -> None:
    """Reports and messages fail in between, with a temporary error."""
    server, processes = stage
    await server.stop(signal.SIGKILL)
    for attempt in (processes[0].nodes.reports(), processes[0].nodes.tell("kick", {})):
        with pytest.raises(ReplyError) as caught:
            await attempt
        assert caught.value.code is ErrorCode.UNAVAILABLE
    await server.start()
    await all_alive(processes)


async def test_messages_stay_in_order_over_an_outage(stage: Stage) -> None:
    """Some may be lost, none comes twice, none comes before an earlier one."""
    server, (red, green, _) = stage
    heard: list[Mapping[str, Any]] = []
    green.nodes.listen("count", heard.append)

    async def tell() -> None:
        for number in range(2000):
            try:
                await red.nodes.tell("count", {"n": number})
            except ReplyError:
                await asyncio.sleep(0.01)

    telling = asyncio.create_task(tell())
    for _ in range(3):
        await asyncio.sleep(0.1)
        await server.restart(signal.SIGKILL)
    await telling
    await all_alive(stage[1])
    numbers = [message["n"] for message in heard]
    assert numbers == sorted(set(numbers))
    assert len(numbers) > 100
